package dev.tailor.train.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Seed;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.text.TrainOn;
import dev.tailor.torch.Activations;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.distillation.DistillationLoss;
import dev.tailor.train.distillation.DistillationLoss.Part;
import dev.tailor.train.distillation.HiddenDistance;
import dev.tailor.train.distillation.HiddenPairs;
import dev.tailor.train.distillation.LogitStore;
import dev.tailor.train.distillation.MissingMass;
import dev.tailor.train.distillation.StoreHeader;
import dev.tailor.train.distillation.StorePrecision;
import dev.tailor.train.distillation.Teaching;
import dev.tailor.train.distillation.TokenDivergence;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.internal.GoldenBatch;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.Sequence;
import dev.tailor.train.internal.batch.TokenFile;
import dev.tailor.train.internal.distil.OnlineTeacher;
import dev.tailor.train.internal.distil.StoreWriter;
import dev.tailor.train.internal.distil.StoredTeacher;
import dev.tailor.train.internal.distil.Teacher;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Distillation through real models against transformers with torch's autograd, and against
/// DistillKit.
class StudentLossTest {
    private static final int VOCABULARY = 512;

    @TempDir private Path directory;
    private CausalModel student;
    private CausalModel teacher;

    @BeforeEach
    void load() {
        Torch.threads(1);
        student = CausalModel.load(Golden.LLAMA, Precision.FLOAT32);
        student.train(name -> true);
        teacher = CausalModel.load(Golden.LLAMA_REF, Precision.FLOAT32);
    }

    @AfterEach
    void close() {
        student.close();
        teacher.close();
    }

    private static Part part(String name, double weight) {
        return new Part(
                switch (name) {
                    case "cross_entropy" -> new DistillationLoss.CrossEntropy();
                    case "kl" -> new DistillationLoss.Tokens(new TokenDivergence.ForwardKl());
                    case "reverse_kl" ->
                            new DistillationLoss.Tokens(new TokenDivergence.ReverseKl());
                    case "jsd" -> new DistillationLoss.Tokens(new TokenDivergence.JensenShannon());
                    case "tvd" -> new DistillationLoss.Tokens(new TokenDivergence.TotalVariation());
                    case "hidden_mse" -> new DistillationLoss.Hidden(HiddenDistance.SQUARE);
                    default -> new DistillationLoss.Hidden(HiddenDistance.COSINE);
                },
                weight);
    }

    private static Distillation objective(double temperature, List<Part> parts) {
        return new Distillation(
                false,
                TrainOn.ASSISTANT,
                parts,
                temperature,
                new HiddenPairs.All(),
                false,
                new Teaching.Online(),
                Optional.empty());
    }

    private static List<Part> parts(String name) {
        return switch (name) {
            case "logits" -> List.of(part("cross_entropy", 0.25), part("kl", 0.75));
            case "reverse" -> List.of(part("reverse_kl", 1), part("jsd", 0.5));
            case "tvd" -> List.of(part("tvd", 2));
            default ->
                    List.of(part("kl", 0.5), part("hidden_mse", 0.3), part("hidden_cosine", 0.7));
        };
    }

    private static final List<ComparedStates> BOTH =
            List.of(
                    new ComparedStates(1, 1, Optional.empty()),
                    new ComparedStates(2, 2, Optional.empty()));

    private StudentLoss loss(Distillation objective, Teacher asked) {
        return new StudentLoss(
                objective,
                asked,
                student,
                Distillation.comparesHidden(objective.losses()) ? BOTH : List.of(),
                Cancellation.never());
    }

    private Teacher online() {
        return new OnlineTeacher(teacher, Set.of(1, 2), VOCABULARY);
    }

    /// The rows of the recorded batch, where `learnt` is what a position's own mark says rather
    /// than that of the token after it if `unshifted`, as DistillKit masks.
    private TokenFile tokens(boolean unshifted) {
        List<Sequence> sequences;
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"))) {
            sequences =
                    GoldenBatch.read(
                            file,
                            "input_ids",
                            "attention_mask",
                            unshifted ? "attention_mask" : "labels",
                            unshifted ? 0 : -100);
        }
        Path file = directory.resolve("tokens-%s.bin".formatted(unshifted));
        TokenFile.write(
                file,
                sink -> {
                    for (Sequence sequence : sequences) {
                        sink.add(unshifted ? later(sequence) : sequence);
                    }
                    return "";
                });
        return TokenFile.open(file).orElseThrow();
    }

    private static Sequence later(Sequence sequence) {
        int length = sequence.tokens().length;
        int[] tokens = java.util.Arrays.copyOf(sequence.tokens(), length + 1);
        float[] trained = new float[length + 1];
        System.arraycopy(sequence.weights(), 0, trained, 1, length);
        return new Sequence(tokens, trained);
    }

    private StepOutcome learn(StudentLoss loss, List<MicroBatch> passes, Activations activations) {
        return loss.learn(passes, (batch, pass) -> student.forward(batch, activations, 0));
    }

    private void assertGradients(Checkpoint golden, String name) {
        for (String parameter :
                List.of(
                        "model.layers.0.self_attn.v_proj.weight",
                        "model.layers.0.input_layernorm.weight",
                        "model.layers.1.mlp.down_proj.weight",
                        "model.norm.weight")) {
            float[] expected = GoldenBatch.floats(golden, name + ".grad." + parameter);
            float[] actual = student.gradient(parameter);
            float largest = 0;
            for (float value : expected) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i])
                        .as(parameter + " " + i)
                        .isCloseTo(expected[i], within(1e-4f * largest));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"logits", "reverse", "tvd", "states"})
    void learn_onGoldenBatch_givesTheRecordedLossAndGradients(String name) {
        try (TokenFile tokens = tokens(false);
                Checkpoint golden = Checkpoint.open(Golden.file("distill_step.safetensors"))) {
            StudentLoss loss = loss(objective(2, parts(name)), online());
            MicroBatch whole = MicroBatch.of(tokens, new int[] {0, 1, 2});

            StepOutcome outcome = learn(loss, List.of(whole), Activations.KEEP);

            double expected = GoldenBatch.floats(golden, name + ".loss")[0];
            assertThat(outcome.loss()).isCloseTo(expected, within(1e-5));
            assertGradients(golden, name);
            Map<String, Double> measured = loss.measure(List.of(whole), unused -> new float[0]);
            assertThat(measured.get("eval_loss")).isCloseTo(expected, within(1e-5));
            for (Part part : parts(name)) {
                String metric = part.loss().metric();
                double own = GoldenBatch.floats(golden, name + "." + metric)[0];
                assertThat(outcome.metrics().get(metric)).isCloseTo(own, within(1e-5));
                assertThat(measured.get("eval_" + metric)).isCloseTo(own, within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"logits", "states"})
    void learn_withWeights_givesTorchsWeightedMeans(String name) {
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"));
                Checkpoint golden = Checkpoint.open(Golden.file("weighted.safetensors"))) {
            List<Sequence> rows = GoldenBatch.weighted(file, golden);
            double expected = GoldenBatch.floats(golden, name + ".loss")[0];
            StudentLoss loss = loss(objective(2, parts(name)), online());
            List<MicroBatch> passes =
                    List.of(
                            MicroBatch.of(rows.subList(0, 1), new int[] {0}),
                            MicroBatch.of(rows.subList(1, 3), new int[] {1, 2}));

            StepOutcome outcome = learn(loss, passes, Activations.KEEP);

            assertThat(outcome.loss()).isCloseTo(expected, within(1e-5));
            assertGradients(golden, name);
            assertThat(loss.measure(passes, unused -> new float[0]).get("eval_loss"))
                    .isCloseTo(expected, within(1e-5));
        }
    }

    @Test
    void learn_inThreePasses_givesTheGradientsOfOne() {
        try (TokenFile tokens = tokens(false);
                Checkpoint golden = Checkpoint.open(Golden.file("distill_step.safetensors"))) {
            List<MicroBatch> passes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                passes.add(MicroBatch.of(tokens, new int[] {i}));
            }

            learn(loss(objective(2, parts("states")), online()), passes, Activations.RECOMPUTE);

            assertGradients(golden, "states");
        }
    }

    private LogitStore store(TokenFile tokens, int top, double temperature, StorePrecision kept) {
        StoreHeader header =
                new StoreHeader(
                        "teacher",
                        "float32",
                        "tokenizer",
                        "tokens",
                        VOCABULARY,
                        top,
                        temperature,
                        kept,
                        0,
                        0,
                        0);
        Path place = directory.resolve(header.directoryName());
        new StoreWriter(
                        teacher,
                        tokens,
                        header,
                        new StoreWriter.Sizes(24, 30),
                        done -> {},
                        Cancellation.never())
                .write(place);
        return LogitStore.open(place);
    }

    @ParameterizedTest
    @ValueSource(strings = {"logits", "reverse", "tvd"})
    void learn_fromAStoreOfEveryToken_isAsFromTheTeacher(String name) {
        try (TokenFile tokens = tokens(false);
                LogitStore store = store(tokens, VOCABULARY, 2, StorePrecision.FLOAT32);
                Checkpoint golden = Checkpoint.open(Golden.file("distill_step.safetensors"))) {
            StudentLoss loss =
                    loss(objective(2, parts(name)), new StoredTeacher(store, MissingMass.REST));
            MicroBatch whole = MicroBatch.of(tokens, new int[] {2, 0, 1});

            StepOutcome outcome = learn(loss, List.of(whole), Activations.KEEP);

            assertThat(outcome.loss())
                    .isCloseTo(GoldenBatch.floats(golden, name + ".loss")[0], within(1e-5));
            assertGradients(golden, name);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "kl, ZERO, 1",
        "kl, ZERO, 2",
        "kl, ONE_TOKEN, 1",
        "kl, ONE_TOKEN, 2",
        "jsd, ZERO, 2",
        "jsd, ONE_TOKEN, 1",
        "tvd, ZERO, 1",
        "tvd, ONE_TOKEN, 2"
    })
    void measure_onSixteenStoredTokens_isWhatDistillKitRecorded(
            String name, MissingMass missing, int temperature) throws IOException {
        String key =
                "%s_top16_%s_T%d"
                        .formatted(
                                name,
                                missing == MissingMass.ZERO ? "zero" : "symmetric_uniform",
                                temperature);
        double recorded =
                JsonMapper.builder()
                        .build()
                        .readTree(Files.readAllBytes(Golden.file("results.json")))
                        .get("distillkit")
                        .get(key)
                        .asDouble();
        try (TokenFile tokens = tokens(true);
                LogitStore store = store(tokens, 16, temperature, StorePrecision.FLOAT32)) {
            StudentLoss loss =
                    loss(
                            objective(temperature, List.of(part(name, 1))),
                            new StoredTeacher(store, missing));

            double measured =
                    loss.measure(
                                    List.of(MicroBatch.of(tokens, new int[] {0, 1, 2})),
                                    unused -> new float[0])
                            .get("eval_loss");

            assertThat(measured).isCloseTo(recorded, within(1e-5));
        }
    }

    /// What is left out may make a divergence smaller, never larger; DistillKit's reading of a
    /// temperature breaks that.
    @Test
    void measure_withTheRestAtTheTemperature_isAtMostTheWhole() {
        try (TokenFile tokens = tokens(false);
                LogitStore store = store(tokens, 16, 2, StorePrecision.FLOAT32)) {
            Distillation objective = objective(2, List.of(part("kl", 1)));
            List<MicroBatch> passes = List.of(MicroBatch.of(tokens, new int[] {0, 1, 2}));

            double whole =
                    loss(objective, online())
                            .measure(passes, unused -> new float[0])
                            .get("eval_kl");
            double listed =
                    loss(objective, new StoredTeacher(store, MissingMass.REST))
                            .measure(passes, unused -> new float[0])
                            .get("eval_kl");

            assertThat(listed).isBetween(0.0, whole);
        }
    }

    @Test
    void projection_isAMatrixAndItsWayBack() {
        var projection = student.addProjection("p", 3, 2, new Seed(1));
        float[] w = student.values("p");
        float[] x = {1, 2, -3, 0.5f};

        float[] y = projection.apply(x);
        float[] back = projection.backward(x, new float[] {1, 0, 0, 0, 2, 0});

        assertThat(y).hasSize(6);
        assertThat(y[1]).isCloseTo(w[2] + 2 * w[3], within(1e-6f));
        assertThat(y[5]).isCloseTo(-3 * w[4] + 0.5f * w[5], within(1e-6f));
        assertThat(back).containsExactly(w[0], w[1], 2 * w[2], 2 * w[3]);
        assertThat(student.gradient("p")).containsExactly(1, 2, -6, 1, 0, 0);
    }
}
