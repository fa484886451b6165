package dev.tailor.train.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.torch.Activations;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Optimizer;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;
import dev.tailor.train.Objective.Preference;
import dev.tailor.train.PreferenceLoss;
import dev.tailor.train.Schedule;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.internal.GoldenBatch;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.Sequence;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Losses and gradients through the real model against those of transformers and TRL.
class LossParityTest {
    private static final String V_PROJ = "model.layers.0.self_attn.v_proj.weight";

    private CausalModel model;

    @BeforeEach
    void load() {
        Torch.threads(1);
        model = CausalModel.load(Golden.LLAMA, Precision.FLOAT32);
        model.train(name -> true);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private StepOutcome learn(Loss loss, MicroBatch... passes) {
        return loss.learn(
                List.of(passes), (batch, pass) -> model.forward(batch, Activations.KEEP, 0));
    }

    private static MicroBatch batch(List<Sequence> sequences, int... indices) {
        return new MicroBatch(
                MicroBatch.pack(Arrays.stream(indices).mapToObj(sequences::get).toList()), indices);
    }

    private static List<Sequence> sft(Checkpoint file) {
        return GoldenBatch.read(file, "input_ids", "attention_mask", "labels", -100);
    }

    @Test
    void supervisedLoss_matchesTransformers() {
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"))) {
            StepOutcome outcome = learn(new TokenLoss(), batch(sft(file), 0, 1, 2));

            assertThat(outcome.loss()).isCloseTo(GoldenBatch.floats(file, "loss")[0], within(1e-5));
            for (String name :
                    List.of(
                            "lm_head.weight",
                            "model.layers.0.self_attn.v_proj.weight",
                            "model.layers.1.mlp.up_proj.weight")) {
                assertClose(model.gradient(name), GoldenBatch.floats(file, "grad." + name));
            }
        }
    }

    @Test
    void supervisedLoss_doesNotDependOnHowAStepIsCut() {
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"))) {
            StepOutcome whole = learn(new TokenLoss(), batch(sft(file), 0, 1, 2));
            float[] gradient = model.gradient(V_PROJ);
            model.train(name -> true);

            StepOutcome cut =
                    learn(
                            new TokenLoss(),
                            batch(sft(file), 0),
                            batch(sft(file), 1),
                            batch(sft(file), 2));

            assertThat(cut.loss()).isCloseTo(whole.loss(), within(1e-6));
            assertClose(model.gradient(V_PROJ), gradient);
        }
    }

    @Test
    void packedLoss_equalsLossOfSequencesAlone() {
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"))) {
            List<Sequence> sequences = sft(file);
            float[] packed = model.logProbs(batch(sequences, 0, 1, 2).batch());
            int at = 0;
            for (int i = 0; i < 3; i++) {
                for (float alone : model.logProbs(batch(sequences, i).batch())) {
                    assertThat(packed[at++]).isCloseTo(alone, within(1e-5f));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "ipo"})
    void preferenceLoss_matchesTrl(String name) throws IOException {
        try (Checkpoint file = Checkpoint.open(Golden.file("preference.safetensors"))) {
            List<Sequence> rows =
                    GoldenBatch.read(file, "input_ids", "attention_mask", "completion_mask", 0);
            List<Sequence> pairs = IntStream.of(0, 3, 1, 4, 2, 5).mapToObj(rows::get).toList();
            double[] reference = inPairs(GoldenBatch.floats(file, "ref_sum_logps"));
            PreferenceLoss kind =
                    name.equals("ipo") ? new PreferenceLoss.Ipo() : new PreferenceLoss.Sigmoid(0);

            StepOutcome outcome =
                    learn(
                            new PairLoss(
                                    new Preference(kind, 0.1), ReferenceLogProbs.of(reference)),
                            batch(pairs, 0, 1, 2, 3),
                            batch(pairs, 4, 5));

            JsonNode losses = results().get("dpo_beta0.1");
            double expected = losses.get(name).asDouble();
            assertThat(outcome.loss()).isCloseTo(expected, within(2e-6 * expected + 1e-5));
            assertClose(model.gradient(V_PROJ), GoldenBatch.floats(file, "grad_v_proj0." + name));
        }
    }

    private static double[] inPairs(float[] chosenThenRejected) {
        int pairs = chosenThenRejected.length / 2;
        double[] mixed = new double[2 * pairs];
        for (int i = 0; i < pairs; i++) {
            mixed[2 * i] = chosenThenRejected[i];
            mixed[2 * i + 1] = chosenThenRejected[pairs + i];
        }
        return mixed;
    }

    @Test
    void steps_followTheRecordedTrajectory() throws IOException {
        try (Checkpoint file = Checkpoint.open(Golden.file("adamw_traj.safetensors"));
                Optimizer optimizer =
                        new Optimizer(model, new AdamWSettings(0.9, 0.95, 1e-8, 0.1, false))) {
            JsonNode recorded = results().get("adamw_trajectory");
            for (int step = 0; step < 6; step++) {
                StepOutcome outcome =
                        learn(
                                new TokenLoss(),
                                trajectory(file, step, 0),
                                trajectory(file, step, 1));
                double norm = optimizer.gradientNorm();
                optimizer.step(
                        1e-3 * new Schedule.Cosine(0).factor(step, 2, 6),
                        TrainingLoop.clipping(norm, 1));
                optimizer.zeroGradients();

                JsonNode expected = recorded.get(step);
                assertThat(outcome.loss()).isCloseTo(expected.get("loss").asDouble(), within(1e-5));
                assertThat(norm).isCloseTo(expected.get("grad_norm").asDouble(), within(1e-4));
            }
            for (String name :
                    List.of("model.layers.1.mlp.down_proj.weight", "model.norm.weight")) {
                assertClose(model.values(name), GoldenBatch.floats(file, "final." + name));
            }
        }
    }

    private static MicroBatch trajectory(Checkpoint file, int step, int pass) {
        String suffix = "_" + step + "_" + pass;
        return batch(
                GoldenBatch.read(file, "ids" + suffix, "mask" + suffix, "labels" + suffix, -100),
                0,
                1,
                2);
    }

    /// Every coefficient the losses hand to the model is the derivative of the loss they report: a
    /// small step against the gradient lowers the loss by the squared gradient norm.
    @Test
    void gradient_isTheSlopeOfTheReportedLoss() {
        List<Sequence> sequences = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 4; i++) {
            sequences.add(Sequence.whole(random.ints(9, 5, 500).toArray()));
        }
        PairLoss loss =
                new PairLoss(
                        new Preference(new PreferenceLoss.Sigmoid(0.1), 0.1),
                        ReferenceLogProbs.of(new double[] {-50, -52, -49, -51}));
        MicroBatch batch = batch(sequences, 0, 1, 2, 3);

        double before = learn(loss, batch).loss();
        try (Optimizer probe = new Optimizer(model, AdamWSettings.defaults(0))) {
            double slope = probe.gradientNorm();
            // the first step of AdamW moves every weight by the rate, against its gradient's sign
            double l1 =
                    model.parameters().stream()
                            .mapToDouble(p -> sumOfSizes(model.gradient(p.name())))
                            .sum();
            probe.step(1e-6, 1);
            probe.zeroGradients();
            double after = learn(loss, batch).loss();

            assertThat(slope).isPositive();
            assertThat(before - after).isCloseTo(1e-6 * l1, within(0.1 * 1e-6 * l1));
        }
    }

    private static double sumOfSizes(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += Math.abs(value);
        }
        return sum;
    }

    private static JsonNode results() throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(Files.readAllBytes(Golden.file("results.json")));
    }

    /// Within 1e-4 of the largest.
    private static void assertClose(float[] actual, float[] expected) {
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                    .as("element " + i)
                    .isCloseTo(expected[i], within(1e-4f * largest));
        }
    }
}
