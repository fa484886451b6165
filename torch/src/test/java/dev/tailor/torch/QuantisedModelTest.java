package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.Nf4Scales;
import dev.tailor.tensors.Nf4Tensor;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Models whose matrices are kept in NF4.
class QuantisedModelTest {
    private static final Path BASE = Golden.path("llama");
    private static final PackedBatch BATCH =
            PackedBatch.nextToken(List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6}));

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void quantisedModel_answersAndLearnsAsDenseModelOfTheSameNumbers(boolean doubled) {
        Path dense = dequantised(doubled);
        String parameter = "base_model.model.model.layers.0.mlp.up_proj.lora_A.weight";
        try (CausalModel quantised = CausalModel.loadQuantised(BASE, Precision.FLOAT32, doubled);
                CausalModel plain = CausalModel.load(dense, Precision.FLOAT32)) {
            quantised.loadAdapter(Golden.path("lora_dora"), true);
            plain.loadAdapter(Golden.path("lora_dora"), true);

            assertThat(quantised.logits(BATCH, 0, BATCH.size()))
                    .isEqualTo(plain.logits(BATCH, 0, BATCH.size()));
            assertThat(gradient(quantised, parameter)).isEqualTo(gradient(plain, parameter));
        }
    }

    /// The golden model, every matrix of its layers replaced by what NF4 makes of it.
    private Path dequantised(boolean doubled) {
        Path dense = directory.resolve("dense");
        try (CausalModel model = CausalModel.loadQuantised(BASE, Precision.FLOAT32, doubled)) {
            Files.createDirectories(dense);
            model.save(dense, Precision.FLOAT32);
            return dense;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static float[] gradient(CausalModel model, String parameter) {
        try (ForwardPass pass = model.forward(BATCH, Activations.KEEP, 0)) {
            pass.crossEntropyBackward(Differences.meanCoefficients(BATCH));
            return model.gradient(parameter);
        }
    }

    @Test
    void freshDoraAdapter_onQuantisedModel_changesNothing() {
        try (CausalModel model = CausalModel.loadQuantised(BASE, Precision.FLOAT32, true)) {
            float[] before = model.logits(BATCH, 0, BATCH.size());
            model.addAdapter(LoraConfig.of(4, 8).with(LoraVariant.weightDecomposed()), new Seed(1));
            assertThat(Differences.largest(model.logits(BATCH, 0, BATCH.size()), before))
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "lora_dora"})
    void saveFused_isTheFusedOriginal(String adapter) throws IOException {
        Path fused = Files.createDirectories(directory.resolve("fused"));
        try (CausalModel quantised = CausalModel.loadQuantised(BASE, Precision.BFLOAT16, true);
                CausalModel plain = CausalModel.load(BASE, Precision.FLOAT32)) {
            quantised.loadAdapter(Golden.path(adapter), false);
            quantised.saveFused(BASE, fused);
            plain.loadAdapter(Golden.path(adapter), false);
            plain.fuseAdapter();
            try (CausalModel written = CausalModel.load(fused, Precision.FLOAT32)) {
                for (ParameterInfo parameter : plain.parameters()) {
                    assertThat(written.values(parameter.name()))
                            .as(parameter.name())
                            .isEqualTo(plain.values(parameter.name()));
                }
            }
        }
    }

    @Test
    void principalStartOrSavedMatrix_ofQuantisedModel_isRefused() {
        LoraVariant principal = new LoraVariant(false, LoraStart.PRINCIPAL, 1, List.of());
        LoraVariant saved = new LoraVariant(false, LoraStart.ZERO, 1, List.of("down_proj"));
        for (LoraVariant variant : List.of(principal, saved)) {
            try (CausalModel model = CausalModel.loadQuantised(BASE, Precision.FLOAT32, false)) {
                assertThatThrownBy(() ->
                                model.addAdapter(LoraConfig.of(4, 8).with(variant), new Seed(1)))
                        .isInstanceOfSatisfying(
                                TailorException.class,
                                e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                        .hasMessageContaining("quantised");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void checkpointOfBitsandbytes_isReadAsTheNumbersItStandsFor(boolean doubled) {
        Path quantised = bitsandbytes(doubled);
        try (CausalModel expected = CausalModel.loadQuantised(BASE, Precision.FLOAT32, doubled);
                CausalModel read = CausalModel.load(quantised, Precision.FLOAT32)) {
            for (ParameterInfo parameter : expected.parameters()) {
                assertThat(read.values(parameter.name()))
                        .as(parameter.name())
                        .isEqualTo(expected.values(parameter.name()));
            }
        }
        assertThatThrownBy(() -> CausalModel.loadQuantised(quantised, Precision.FLOAT32, doubled))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID))
                .hasMessageContaining("quantised already");
    }

    /// The golden model with the keys that transformers and bitsandbytes write.
    private Path bitsandbytes(boolean doubled) {
        Path target = directory.resolve("bnb");
        try (Arena arena = Arena.ofConfined();
                ModelDirectory base = ModelDirectory.open(BASE)) {
            Files.createDirectories(target);
            ModelDirectory.writeConfig(target, base.config());
            Checkpoint checkpoint = base.checkpoint();
            Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
            for (TensorInfo info : checkpoint.tensors()) {
                MemorySegment data = checkpoint.data(info.name());
                if (info.name().contains("_proj.")) {
                    quantised(info, Nf4Tensor.quantise(DType.F32, data, doubled, arena), tensors);
                } else {
                    tensors.put(info, data);
                }
            }
            SafetensorsWriter.writeFile(target.resolve("model.safetensors"), tensors, Map.of());
            return target;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void quantised(
            TensorInfo info, Nf4Tensor tensor, Map<TensorInfo, MemorySegment> tensors) {
        String name = info.name();
        String state =
                "{\"quant_type\": \"nf4\", \"blocksize\": 64, \"dtype\": \"float32\", \"shape\": "
                        + info.shape();
        put(tensors, name, DType.U8, tensor.codes(), info.elements() / 2, 1);
        put(tensors, name + ".quant_map", Nf4Tensor.codebook());
        switch (tensor.scales()) {
            case Nf4Scales.Plain(MemorySegment absmax) ->
                    put(tensors, name + ".absmax", DType.F32, absmax, absmax.byteSize() / 4);
            case Nf4Scales.Nested(MemorySegment codes, MemorySegment absmax, float offset) -> {
                put(tensors, name + ".absmax", DType.U8, codes, codes.byteSize());
                put(tensors, name + ".nested_absmax", DType.F32, absmax, absmax.byteSize() / 4);
                put(tensors, name + ".nested_quant_map", Nf4Scales.nestedCodebook());
                state +=
                        ", \"nested_blocksize\": 256, \"nested_dtype\": \"float32\","
                                + " \"nested_offset\": "
                                + (double) offset;
            }
        }
        byte[] json = (state + "}").getBytes(StandardCharsets.UTF_8);
        MemorySegment bytes = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, json);
        put(tensors, name + ".quant_state.bitsandbytes__nf4", DType.U8, bytes, json.length);
    }

    private static void put(Map<TensorInfo, MemorySegment> tensors, String name, float[] values) {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        put(tensors, name, DType.F32, MemorySegment.ofBuffer(buffer), values.length);
    }

    private static void put(
            Map<TensorInfo, MemorySegment> tensors,
            String name,
            DType type,
            MemorySegment values,
            long... shape) {
        tensors.put(
                new TensorInfo(name, type, java.util.Arrays.stream(shape).boxed().toList()),
                values);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void step_ofQuantisedModel_takesLessMemoryThanBfloat16Weights() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-Xms48m",
                                "-Xmx48m",
                                "-XX:+AlwaysPreTouch",
                                "--add-modules=jdk.incubator.vector",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                                "-Dorg.bytedeco.javacpp.maxBytes=0",
                                "-cp",
                                System.getProperty("java.class.path"),
                                QuantisedStep.class.getName(),
                                directory.toString())
                        .redirectError(directory.resolve("errors").toFile())
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(directory.resolve("errors"))).isZero();
        List<Long> bytes = out.lines().map(Long::valueOf).toList();
        long bfloat16 = bytes.getFirst();
        assertThat(bytes.getLast()).isPositive().isLessThan(bfloat16);
    }
}
