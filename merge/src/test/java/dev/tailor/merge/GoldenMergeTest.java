package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;

/// What mergekit made, to the byte where every step is rounded as it does, and within half a unit
/// of the last place of its single-precision result where numbers are rounded once.
class GoldenMergeTest {
    private static final MergeOptions OPTIONS = MergeOptions.standard().withThreads(2);

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linear-bf16",
                "linear-f16",
                "linear-f32",
                "slerp-bf16-t0.0",
                "slerp-bf16-t1.0",
                "slerp-f32-t0.0",
                "slerp-f32-t1.0",
                "task_arithmetic-bf16",
                "task_arithmetic-f32",
                "ties-bf16",
                "ties-bf16-d1",
                "ties-bf16-f32-outf16",
                "ties-f32",
                "breadcrumbs-bf16",
                "breadcrumbs-f32",
                "breadcrumbs_ties-bf16",
                "breadcrumbs_ties-f32",
                "nuslerp-bf16",
                "nuslerp-bf16-base",
                "nuslerp-rows-bf16",
                "nuslerp-rows-f16-base",
                "nuslerp-columns-bf16-base",
                "multislerp-bf16",
                "multislerp-bf16-base",
                "multislerp-raw-f16",
                "karcher-bf16",
                "model_stock-bf16",
                "model_stock-rows-bf16",
                "passthrough-franken",
                "passthrough-scale",
                "multislerp-f32",
                "multislerp-f32-base",
                "karcher-two-f16",
                "model_stock-f32",
                "modules-syntax"
            })
    void compat_recordedMerge_sameBytes(String name) {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan(name), output, OPTIONS.withCompat(true));
        try (Checkpoint ours = Checkpoint.open(output);
                Checkpoint theirs = Checkpoint.open(Golden.expected(name))) {
            assertThat(ours.tensors()).containsExactlyInAnyOrderElementsOf(theirs.tensors());
            for (TensorInfo info : theirs.tensors()) {
                assertThat(ours.data(info.name()).mismatch(theirs.data(info.name())))
                        .as(info.name())
                        .isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linear-f32",
                "slerp-f32-t0.0",
                "slerp-f32-t1.0",
                "task_arithmetic-f32",
                "ties-f32",
                "ties-bf16-f32-outf16",
                "breadcrumbs-f32",
                "breadcrumbs_ties-f32",
                "passthrough-franken",
                "passthrough-scale"
            })
    void standard_recordedInSinglePrecision_sameBytes(String name) {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan(name), output, OPTIONS);
        try (Checkpoint ours = Checkpoint.open(output);
                Checkpoint theirs = Checkpoint.open(Golden.expected(name))) {
            for (TensorInfo info : theirs.tensors()) {
                assertThat(ours.data(info.name()).mismatch(theirs.data(info.name())))
                        .as(info.name())
                        .isEqualTo(-1);
            }
        }
    }

    /// These sum over whole tensors, which mergekit does in single precision: its sums, and so all
    /// elements, are off in their last bits. How far ours are from the true values is tested apart.
    @ParameterizedTest
    @ValueSource(strings = {"nuslerp-f32", "multislerp-f32-base", "karcher-f32", "model_stock-f32"})
    void standard_recordedWithSumsInSinglePrecision_fourUnitsOfTheLargestElement(String name) {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan(name), output, OPTIONS);
        try (Checkpoint ours = Checkpoint.open(output);
                Checkpoint theirs = Checkpoint.open(Golden.expected(name))) {
            for (TensorInfo info : theirs.tensors()) {
                float[] got = Conversions.toFloats(DType.F32, ours.data(info.name()));
                float[] want = Conversions.toFloats(DType.F32, theirs.data(info.name()));
                assertThat(got)
                        .as(info.name())
                        .containsExactly(want, Offset.offset(4 * Math.ulp(largest(want))));
            }
        }
    }

    /// Of sines, cosines and their inverses PyTorch rounds some the other way, and with them a
    /// tensor's elements: all others are the same.
    @ParameterizedTest
    @ValueSource(strings = {"nuslerp-f32", "nuslerp-f32-base", "karcher-f32"})
    void compat_anglesInSinglePrecision_aFewTensorsTwoUnitsOfTheLargestOff(String name) {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan(name), output, OPTIONS.withCompat(true));
        int different = 0;
        try (Checkpoint ours = Checkpoint.open(output);
                Checkpoint theirs = Checkpoint.open(Golden.expected(name))) {
            for (TensorInfo info : theirs.tensors()) {
                float[] got = Conversions.toFloats(DType.F32, ours.data(info.name()));
                float[] want = Conversions.toFloats(DType.F32, theirs.data(info.name()));
                float twoUnits = 2 * Math.ulp(largest(want));
                for (int i = 0; i < got.length; i++) {
                    assertThat(Math.abs(got[i] - want[i]))
                            .as("%s[%d]", info.name(), i)
                            .isLessThanOrEqualTo(twoUnits);
                }
                different += ours.data(info.name()).mismatch(theirs.data(info.name())) < 0 ? 0 : 1;
            }
            assertThat(different).isLessThan(theirs.tensors().size() / 2);
        }
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear-bf16", "task_arithmetic-bf16", "ties-bf16-d1"})
    void standard_brainFloat_isTheSinglePrecisionResultRoundedOnce(String name) {
        MergePlan plan = Golden.plan(name);
        Path rounded = directory.resolve("rounded");
        Path exact = directory.resolve("exact");
        Golden.run(plan, rounded, OPTIONS);
        Golden.run(Golden.planOf(yaml(name)), exact, OPTIONS.withCompat(true));
        try (Checkpoint ours = Checkpoint.open(rounded);
                Checkpoint truth = Checkpoint.open(exact)) {
            for (TensorInfo info : ours.tensors()) {
                assertThat(truth.info(info.name()).dtype()).isEqualTo(DType.F32);
                float[] got = Conversions.toFloats(DType.BF16, ours.data(info.name()));
                float[] want = Conversions.toFloats(DType.F32, truth.data(info.name()));
                for (int i = 0; i < got.length; i++) {
                    float halfUnit = Math.ulp(got[i]) * (1 << 16) / 2;
                    assertThat(Math.abs(got[i] - want[i]))
                            .as("%s[%d]", info.name(), i)
                            .isLessThanOrEqualTo(halfUnit);
                }
            }
        }
    }

    /// Of 32 elements the share 0.01 is none: mergekit then drops the whole difference, where
    /// nothing outlying is to be dropped.
    @ParameterizedTest
    @ValueSource(strings = {"breadcrumbs-bf16-gamma-default", "breadcrumbs-f32-gamma-default"})
    void breadcrumbs_noOutliersInASmallTensor_keepsTheRest(String name) {
        Path output = directory.resolve("out");
        MergePlan plan = Golden.plan(name);
        Golden.run(plan, output, OPTIONS.withCompat(true));
        Path base = plan.models().getFirst().directory();
        try (Checkpoint ours = Checkpoint.open(output);
                Checkpoint theirs = Checkpoint.open(Golden.expected(name));
                Checkpoint origin = Checkpoint.open(base)) {
            for (TensorInfo info : theirs.tensors()) {
                if (info.elements() >= 100) {
                    assertThat(ours.data(info.name()).mismatch(theirs.data(info.name())))
                            .as(info.name())
                            .isEqualTo(-1);
                } else {
                    float[] before = Conversions.toFloats(info.dtype(), origin.data(info.name()));
                    float[] after = Conversions.toFloats(info.dtype(), ours.data(info.name()));
                    assertThat(after).as(info.name()).isNotEqualTo(before);
                }
            }
        }
    }

    /// The same merge of the same models, computed and written in single precision.
    private static String yaml(String name) {
        try {
            return java.nio.file.Files.readString(Golden.ROOT.resolve(name).resolve("config.yml"))
                    .replace("dtype: bfloat16", "dtype: float32");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void adapter_mergedOnTheFly_isWithinASingleRoundingOfPeft() {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan("lora-linear"), output, OPTIONS);
        try (Checkpoint ours = Checkpoint.open(output);
                Checkpoint theirs = Checkpoint.open(Golden.expected("lora-linear"))) {
            for (TensorInfo info : theirs.tensors()) {
                float[] got = Conversions.toFloats(info.dtype(), ours.data(info.name()));
                float[] want = Conversions.toFloats(info.dtype(), theirs.data(info.name()));
                for (int i = 0; i < got.length; i++) {
                    assertThat(got[i]).as(info.name()).isCloseTo(want[i], Offset.offset(3e-7f));
                }
            }
        }
    }
}
