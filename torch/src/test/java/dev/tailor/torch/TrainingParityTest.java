package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

class TrainingParityTest {
    private static final Path BASE = Golden.path("llama");

    @Test
    void supervisedBatch_completionLabels_giveRecordedLossAndGradients() {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32);
                Golden golden = Golden.open("llama_train/sft.safetensors")) {
            PackedBatch batch =
                    Golden.labelled(
                            golden.rows("input_ids"),
                            golden.rows("attention_mask"),
                            golden.rows("labels"));
            model.train(name -> true);
            try (ForwardPass pass = model.forward(batch, Activations.KEEP, 0)) {
                float[] logProbs = pass.crossEntropyBackward(Differences.meanCoefficients(batch));
                assertThat(Differences.meanLoss(batch, logProbs))
                        .isCloseTo(golden.floats("loss")[0], offset(1e-5));
            }
            for (String tensor : golden.names()) {
                if (tensor.startsWith("grad.")) {
                    float[] gradient = model.gradient(tensor.substring("grad.".length()));
                    assertThat(Differences.relative(gradient, golden.floats(tensor)))
                            .as(tensor)
                            .isLessThan(1e-4);
                }
            }
        }
    }

    @Test
    void packedSegments_giveLogitsOfSeparateRuns() {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32);
                Golden golden = Golden.open("llama_train/packed_forward.safetensors")) {
            int[] tokens = golden.integers("input_ids");
            int[] segments = golden.integers("segment_ids");
            int[] lengths = new int[Arrays.stream(segments).max().orElseThrow() + 1];
            Arrays.stream(segments).forEach(s -> lengths[s]++);
            int[] targets = new int[tokens.length];
            Arrays.fill(targets, PackedBatch.IGNORED);
            PackedBatch batch = new PackedBatch(tokens, lengths, targets);

            assertThat(
                            Differences.largest(
                                    model.logits(batch, 0, tokens.length), golden.floats("logits")))
                    .isLessThan(2e-4);
        }
    }

    @Test
    void preferencePairs_giveRecordedLogProbabilitiesAndDpoGradient() {
        try (CausalModel policy = CausalModel.load(BASE, Precision.FLOAT32);
                CausalModel reference =
                        CausalModel.load(Golden.path("llama_ref"), Precision.FLOAT32);
                Golden golden = Golden.open("llama_train/preference.safetensors")) {
            int[][] ids = golden.rows("input_ids");
            int[][] completion = golden.rows("completion_mask");
            int[][] labels = new int[ids.length][ids[0].length];
            for (int r = 0; r < ids.length; r++) {
                for (int i = 0; i < ids[r].length; i++) {
                    labels[r][i] = completion[r][i] == 1 ? ids[r][i] : -100;
                }
            }
            PackedBatch batch = Golden.labelled(ids, golden.rows("attention_mask"), labels);
            policy.train(name -> true);
            double[] reversed = sums(batch, reference.logProbs(batch));
            assertClose(reversed, golden.floats("ref_sum_logps"));
            try (ForwardPass pass = policy.forward(batch, Activations.KEEP, 0)) {
                double[] sums = sums(batch, pass.logProbs());
                assertClose(sums, golden.floats("policy_sum_logps"));
                pass.backward(dpoCoefficients(batch, sums, reversed, 0.1));
            }
            assertThat(
                            Differences.relative(
                                    policy.gradient("model.layers.0.self_attn.v_proj.weight"),
                                    golden.floats("grad_v_proj0.sigmoid")))
                    .isLessThan(1e-4);
        }
    }

    /// Sums per segment.
    private static double[] sums(PackedBatch batch, float[] logProbs) {
        double[] sums = new double[batch.segmentLengths().length];
        int at = 0;
        for (int s = 0; s < sums.length; s++) {
            for (int i = 0; i < batch.segmentLengths()[s]; i++) {
                sums[s] += logProbs[at++];
            }
        }
        return sums;
    }

    /// dLoss/dLogProb of the mean of -ln σ(β (Δ chosen - Δ rejected)); rows 0..2 chosen, 3..5
    /// rejected.
    private static float[] dpoCoefficients(
            PackedBatch batch, double[] policy, double[] reference, double beta) {
        int pairs = policy.length / 2;
        float[] coefficients = new float[batch.size()];
        int at = 0;
        for (int s = 0; s < policy.length; s++) {
            int pair = s % pairs;
            double margin =
                    beta
                            * (policy[pair]
                                    - reference[pair]
                                    - policy[pair + pairs]
                                    + reference[pair + pairs]);
            double slope = -beta / (1 + Math.exp(margin)) / pairs;
            for (int i = 0; i < batch.segmentLengths()[s]; i++) {
                coefficients[at++] = (float) (s < pairs ? slope : -slope);
            }
        }
        return coefficients;
    }

    private static void assertClose(double[] actual, float[] expected) {
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], offset(2e-4));
        }
    }

    @Test
    void adamW_sixStepsOfTwoMicroBatches_followRecordedTrajectory() {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32);
                Golden golden = Golden.open("llama_train/adamw_traj.safetensors")) {
            model.train(name -> true);
            AdamWSettings settings = new AdamWSettings(0.9, 0.95, 1e-8, 0.1, false);
            try (Optimizer optimiser = new Optimizer(model, settings)) {
                for (JsonNode step : trajectory()) {
                    double loss = trajectoryStep(model, golden, step.get("step").asInt());
                    double norm = optimiser.gradientNorm();
                    assertThat(loss).isCloseTo(step.get("loss").asDouble(), offset(2e-5));
                    assertThat(norm).isCloseTo(step.get("grad_norm").asDouble(), offset(5e-4));
                    optimiser.step(step.get("lr").asDouble(), Math.min(1, 1 / (norm + 1e-6)));
                    optimiser.zeroGradients();
                }
            }
            for (String tensor : golden.names()) {
                if (tensor.startsWith("final.")) {
                    float[] values = model.values(tensor.substring("final.".length()));
                    assertThat(Differences.largest(values, golden.floats(tensor)))
                            .as(tensor)
                            .isLessThan(2e-6);
                }
            }
        }
    }

    private static List<JsonNode> trajectory() {
        List<JsonNode> steps = new ArrayList<>();
        JsonMapper.shared()
                .readTree(Golden.path("llama_train/results.json"))
                .get("adamw_trajectory")
                .forEach(steps::add);
        return steps;
    }

    private static double trajectoryStep(CausalModel model, Golden golden, int step) {
        List<PackedBatch> batches = new ArrayList<>();
        for (int micro = 0; micro < 2; micro++) {
            String suffix = step + "_" + micro;
            batches.add(
                    Golden.labelled(
                            golden.rows("ids_" + suffix),
                            golden.rows("mask_" + suffix),
                            golden.rows("labels_" + suffix)));
        }
        int scored = batches.stream().mapToInt(PackedBatch::scored).sum();
        double loss = 0;
        for (PackedBatch batch : batches) {
            float[] coefficients = new float[batch.size()];
            Arrays.fill(coefficients, -1f / scored);
            try (ForwardPass pass = model.forward(batch, Activations.KEEP, 0)) {
                for (float logProb : pass.crossEntropyBackward(coefficients)) {
                    loss -= logProb / scored;
                }
            }
        }
        return loss;
    }

    private static Stream<OptimizerSettings> optimizers() {
        AdamWSettings adamW = AdamWSettings.defaults(0.01);
        return Stream.of(
                adamW,
                new OptimizerSettings.AdamW8Bit(adamW),
                OptimizerSettings.Lion.defaults(0.01),
                new OptimizerSettings.Adafactor(0.01),
                OptimizerSettings.Muon.defaults(0.01),
                new OptimizerSettings.ScheduleFree(adamW));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void savedOptimiser_loadedIntoAFreshModel_continuesBitForBit(
            OptimizerSettings settings, @TempDir Path directory) {
        Path file = directory.resolve("optimizer.safetensors");
        for (Precision precision : Precision.values()) {
            try (CausalModel straight = CausalModel.load(BASE, precision);
                    CausalModel resumed = CausalModel.load(BASE, precision);
                    Golden golden = Golden.open("llama_train/adamw_traj.safetensors")) {
                straight.train(name -> !name.contains("embed"));
                resumed.train(name -> !name.contains("embed"));
                try (Optimizer first = new Optimizer(straight, settings);
                        Optimizer second = new Optimizer(resumed, settings)) {
                    for (int step = 0; step < 4; step++) {
                        trajectoryStep(straight, golden, step);
                        first.step(1e-2, 1);
                        first.zeroGradients();
                        if (step == 1) {
                            first.save(file);
                            second.load(file);
                        } else if (step > 1) {
                            trajectoryStep(resumed, golden, step);
                            second.step(1e-2, 1);
                            second.zeroGradients();
                        }
                    }
                    assertThat(second.steps()).isEqualTo(4);
                }
                for (ParameterInfo parameter : straight.parameters()) {
                    assertThat(resumed.values(parameter.name()))
                            .as("%s in %s", parameter.name(), precision)
                            .isEqualTo(straight.values(parameter.name()));
                }
            }
        }
    }
}
