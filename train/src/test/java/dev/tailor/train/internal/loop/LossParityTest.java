package dev.tailor.train.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Cancellation;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.torch.Activations;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Optimizer;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;
import dev.tailor.train.Objective.Preference;
import dev.tailor.train.Objective.Unpaired;
import dev.tailor.train.Schedule;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.internal.GoldenBatch;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.Mismatched;
import dev.tailor.train.internal.batch.Sequence;
import dev.tailor.train.internal.batch.TokenFile;
import dev.tailor.train.internal.batch.TokenWeights;
import dev.tailor.train.preference.AnswerLoss;
import dev.tailor.train.preference.Divergence;
import dev.tailor.train.preference.MarginLoss;
import dev.tailor.train.preference.PolicyLoss;
import dev.tailor.train.preference.PreferenceLoss;
import dev.tailor.train.preference.PreferenceLoss.Mixture.Part;
import dev.tailor.train.preference.RankLoss;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
        return MicroBatch.of(Arrays.stream(indices).mapToObj(sequences::get).toList(), indices);
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
    void weightedLoss_matchesTorch_howeverTheStepIsCut() {
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"));
                Checkpoint golden = Checkpoint.open(Golden.file("weighted.safetensors"))) {
            List<Sequence> rows = GoldenBatch.weighted(file, golden);
            double expected = GoldenBatch.floats(golden, "sft.loss")[0];
            for (List<MicroBatch> passes :
                    List.of(
                            List.of(batch(rows, 0, 1, 2)),
                            List.of(batch(rows, 2, 0), batch(rows, 1)),
                            List.of(batch(rows, 0), batch(rows, 1), batch(rows, 2)))) {
                model.train(name -> true);

                StepOutcome outcome = learn(new TokenLoss(), passes.toArray(MicroBatch[]::new));

                assertThat(outcome.loss()).isCloseTo(expected, within(1e-5));
                assertThat(new TokenLoss().measure(passes, model::logProbs).get("eval_loss"))
                        .isCloseTo(expected, within(1e-5));
                for (String name : List.of(V_PROJ, "model.layers.1.mlp.up_proj.weight")) {
                    assertClose(
                            model.gradient(name), GoldenBatch.floats(golden, "sft.grad." + name));
                }
            }
        }
    }

    @Test
    void weightsOfOne_giveThePlainMasksBits() {
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"))) {
            MicroBatch plain = batch(sft(file), 0, 1, 2);
            float[] ones = new float[plain.batch().size()];
            Arrays.fill(ones, 1);
            double loss = learn(new TokenLoss(), plain).loss();
            float[] gradient = model.gradient(V_PROJ);
            model.train(name -> true);

            double weighted =
                    learn(new TokenLoss(), new MicroBatch(plain.batch(), plain.sequences(), ones))
                            .loss();

            assertThat(weighted).isEqualTo(loss);
            assertThat(model.gradient(V_PROJ)).isEqualTo(gradient);
        }
    }

    @Test
    void weightsOfTwo_changeNothingButTheirSum() {
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"))) {
            MicroBatch plain = batch(sft(file), 0, 1, 2);
            float[] twos = new float[plain.batch().size()];
            Arrays.fill(twos, 2);
            MicroBatch twice = new MicroBatch(plain.batch(), plain.sequences(), twos);

            assertThat(learn(new TokenLoss(), twice).loss())
                    .isEqualTo(learn(new TokenLoss(), plain).loss());
            assertThat(twice.totalWeight()).isEqualTo(2 * plain.totalWeight());
        }
    }

    /// The weight of a token multiplies its log-probability in the sum of its answer.
    @Test
    void weightedAnswers_countInPreferencesAsTheirTokensDo() {
        try (Checkpoint file = Checkpoint.open(Golden.file("preference.safetensors"))) {
            List<Sequence> rows = pairs(file).subList(0, 2);
            List<Sequence> weighted = rows.stream().map(LossParityTest::halved).toList();
            MicroBatch batch = batch(weighted, 0, 1);
            float[] logProbs = model.logProbs(batch.batch());

            StepOutcome outcome =
                    learn(new PairLoss(Preference.dpo(), ReferenceLogProbs.none(2)), batch);

            double[] sums = {0, 0};
            int at = 0;
            for (int s = 0; s < 2; s++) {
                for (int i = 1; i < weighted.get(s).tokens().length; i++, at++) {
                    sums[s] += weighted.get(s).weights()[i] * logProbs[at];
                }
            }
            double margin = 0.1 * (sums[0] - sums[1]);
            assertThat(outcome.loss()).isCloseTo(Math.log1p(Math.exp(-margin)), within(1e-5));
        }
    }

    /// Every second learnt token counts half.
    private static Sequence halved(Sequence sequence) {
        float[] weights = sequence.weights().clone();
        for (int i = 0; i < weights.length; i += 2) {
            weights[i] /= 2;
        }
        return new Sequence(sequence.tokens(), weights);
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
            List<Sequence> pairs = pairs(file);
            double[] reference = inPairs(GoldenBatch.floats(file, "ref_sum_logps"));
            PreferenceLoss kind =
                    name.equals("ipo") ? new MarginLoss.Ipo() : new MarginLoss.Sigmoid(0);

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

    @ParameterizedTest
    @MethodSource("onTheWholeModel")
    void preferenceLoss_throughTheModel_isTheRecordedOne(String name, Preference objective)
            throws IOException {
        try (Checkpoint file = Checkpoint.open(Golden.file("preference.safetensors"))) {
            MicroBatch batch = batch(pairs(file), 0, 1, 2, 3, 4, 5);
            ReferenceLogProbs reference = ReferenceLogProbs.none(6);
            if (objective.usesReference()) {
                try (CausalModel other = CausalModel.load(Golden.LLAMA_REF, Precision.FLOAT32)) {
                    reference =
                            ReferenceLogProbs.compute(
                                    6,
                                    List.of(batch),
                                    new TokenWeights(objective.tailWeight()),
                                    other::logProbs,
                                    Cancellation.never());
                }
            }

            StepOutcome outcome = learn(new PairLoss(objective, reference), batch);

            assertThat(outcome.loss()).isCloseTo(recorded(name), within(1e-5));
        }
    }

    static Stream<Arguments> onTheWholeModel() {
        PreferenceLoss sigmoid = new MarginLoss.Sigmoid(0);
        Divergence reverse = new Divergence.ReverseKl();
        return Stream.of(
                Arguments.of("dpo_beta0.1/sigmoid", Preference.dpo()),
                Arguments.of(
                        "dpo_beta0.1/ld_alpha0.5",
                        new Preference(sigmoid, 0.1, reverse, false, 0.5)),
                Arguments.of(
                        "dpo_beta0.1/reference_free_formula",
                        new Preference(sigmoid, 0.1, reverse, true, 1)),
                Arguments.of("dpo_beta0.1/aot", new Preference(new RankLoss.Aot(0), 0.1)),
                Arguments.of(
                        "dpo_beta0.1/rpo_sigmoid+sft",
                        new Preference(
                                new PreferenceLoss.Mixture(
                                        List.of(
                                                new Part(sigmoid, 1),
                                                new Part(new PolicyLoss.Sft(), 1))),
                                0.1)),
                Arguments.of(
                        "orpo_cpo/orpo_beta0.1/loss", new Preference(new PolicyLoss.Orpo(), 0.1)),
                Arguments.of(
                        "orpo_cpo/cpo_sigmoid/loss", new Preference(new PolicyLoss.Cpo(0, 1), 0.1)),
                Arguments.of(
                        "orpo_cpo/simpo/loss", new Preference(new PolicyLoss.SimPo(1, 0, 0), 2)),
                Arguments.of(
                        "orpo_cpo/cpo_simpo/loss",
                        new Preference(new PolicyLoss.SimPo(1, 0, 1), 2)));
    }

    private static double recorded(String path) throws IOException {
        JsonNode node = results();
        for (String name : path.split("/")) {
            node = node.get(name);
        }
        return node.asDouble();
    }

    @ParameterizedTest
    @CsvSource({
        "kto, false, kto",
        "kto_policy=llama_ref_ref=llama, true, kto",
        "apo_zero_unpaired, false, apo-zero"
    })
    void unpairedLoss_throughTheModel_isTheRecordedOne(
            String name, boolean exchanged, String kind, @TempDir Path directory)
            throws IOException {
        if (exchanged) {
            model.close();
            model = CausalModel.load(Golden.LLAMA_REF, Precision.FLOAT32);
            model.train(parameter -> true);
        }
        AnswerLoss loss = kind.equals("kto") ? new AnswerLoss.Kto() : new AnswerLoss.ApoZero();
        try (TokenFile tokens = ktoTokens(directory);
                CausalModel other =
                        CausalModel.load(
                                exchanged ? Golden.LLAMA : Golden.LLAMA_REF, Precision.FLOAT32)) {
            // as recorded: the first prompt's partner is the last, though it is the same prompt
            Mismatched mismatched = new Mismatched(tokens, new int[] {3, 0, 1, 2}, 64);
            int[] all = {0, 1, 2, 3};
            DivergenceEstimate estimate =
                    loss.usesDivergence()
                            ? DivergenceEstimate.of(
                                    mismatched,
                                    reference(mismatched.batch(all), other),
                                    model::logProbs)
                            : DivergenceEstimate.none();
            UnpairedLoss unpaired =
                    new UnpairedLoss(
                            new Unpaired(loss, 0.1, 1, 1.5),
                            tokens,
                            reference(MicroBatch.of(tokens, all), other),
                            estimate);

            StepOutcome whole = learn(unpaired, MicroBatch.of(tokens, all));
            float[] gradient = model.gradient(V_PROJ);
            model.train(parameter -> true);
            StepOutcome cut =
                    learn(
                            unpaired,
                            MicroBatch.of(tokens, new int[] {0, 1, 2}),
                            MicroBatch.of(tokens, new int[] {3}));

            String recorded = "kto_beta0.1_undesirable1.5/" + name;
            assertThat(whole.loss()).isCloseTo(recorded(recorded + "/loss"), within(1e-5));
            assertThat(cut.loss()).isCloseTo(whole.loss(), within(1e-6));
            assertClose(model.gradient(V_PROJ), gradient);
            if (loss.usesDivergence()) {
                assertThat(whole.metrics().get("kl"))
                        .isCloseTo(recorded(recorded + "/kl"), within(1e-5));
            }
        }
    }

    private static ReferenceLogProbs reference(MicroBatch batch, CausalModel model) {
        return ReferenceLogProbs.compute(
                batch.sequences().length,
                List.of(batch),
                TokenWeights.even(),
                model::logProbs,
                Cancellation.never());
    }

    private static TokenFile ktoTokens(Path directory) {
        Path path = directory.resolve("tokens.bin");
        try (Checkpoint file = Checkpoint.open(Golden.file("preference.safetensors"))) {
            List<Sequence> rows =
                    GoldenBatch.read(
                            file, "kto.input_ids", "kto.attention_mask", "kto.completion_mask", 0);
            TokenFile.write(
                    path,
                    sink -> {
                        for (int i = 0; i < rows.size(); i++) {
                            sink.add(rows.get(i).as(i % 2 == 0));
                        }
                        return "";
                    });
        }
        return TokenFile.open(path).orElseThrow();
    }

    /// What the loss needs of the whole step does not depend on how the step is cut.
    @ParameterizedTest
    @MethodSource("onTheWholeModel")
    void preferenceLoss_doesNotDependOnHowAStepIsCut(String name, Preference objective) {
        try (Checkpoint file = Checkpoint.open(Golden.file("preference.safetensors"))) {
            ReferenceLogProbs reference =
                    ReferenceLogProbs.of(inPairs(GoldenBatch.floats(file, "ref_sum_logps")));
            PairLoss loss = new PairLoss(objective, reference);
            StepOutcome whole = learn(loss, batch(pairs(file), 0, 1, 2, 3, 4, 5));
            float[] gradient = model.gradient(V_PROJ);
            model.train(parameter -> true);

            StepOutcome cut = learn(loss, batch(pairs(file), 0, 1, 2, 3), batch(pairs(file), 4, 5));

            assertThat(cut.loss()).isCloseTo(whole.loss(), within(1e-6));
            assertClose(model.gradient(V_PROJ), gradient);
            assertThat(loss.measure(List.of(batch(pairs(file), 0, 1, 2, 3, 4, 5)), model::logProbs))
                    .hasEntrySatisfying(
                            "eval_loss",
                            value -> assertThat(value).isCloseTo(whole.loss(), within(1e-6)));
        }
    }

    private static List<Sequence> pairs(Checkpoint file) {
        List<Sequence> rows =
                GoldenBatch.read(file, "input_ids", "attention_mask", "completion_mask", 0);
        return IntStream.of(0, 3, 1, 4, 2, 5).mapToObj(rows::get).toList();
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
    /// small step against the gradient's signs lowers the loss by the gradient's absolute sum.
    @ParameterizedTest
    @MethodSource("onTheWholeModel")
    void gradient_isTheSlopeOfTheReportedLoss(String name, Preference objective) {
        List<Sequence> sequences = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 4; i++) {
            boolean[] trained = new boolean[9 + i];
            Arrays.fill(trained, 3, trained.length, true);
            sequences.add(new Sequence(random.ints(9 + i, 5, 500).toArray(), trained));
        }
        PairLoss loss =
                new PairLoss(objective, ReferenceLogProbs.of(new double[] {-50, -52, -49, -51}));
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
