package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.text.TrainOn;
import dev.tailor.torch.Precision;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.distillation.DistillationLoss;
import dev.tailor.train.distillation.DistillationLoss.Part;
import dev.tailor.train.distillation.HiddenDistance;
import dev.tailor.train.distillation.HiddenPairs;
import dev.tailor.train.distillation.LogitStore;
import dev.tailor.train.distillation.MissingMass;
import dev.tailor.train.distillation.StorePrecision;
import dev.tailor.train.distillation.Teaching;
import dev.tailor.train.distillation.TokenDivergence;
import dev.tailor.train.internal.Golden;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Whole stages of distillation on the golden models.
class DistillationStageTest {
    @TempDir private Path temporary;

    private static final Part KL =
            new Part(new DistillationLoss.Tokens(new TokenDivergence.ForwardKl()), 0.95);
    private static final Part WORDS = new Part(new DistillationLoss.CrossEntropy(), 0.05);
    private static final Part STATES =
            new Part(new DistillationLoss.Hidden(HiddenDistance.COSINE), 0.5);

    private static final Teaching ONLINE = new Teaching.Online();

    private static Teaching.Stored stored(int top, Optional<Path> stores) {
        return new Teaching.Stored(top, MissingMass.REST, StorePrecision.FLOAT16, stores);
    }

    private static Distillation objective(Teaching teaching, Part... losses) {
        return new Distillation(
                true,
                TrainOn.ASSISTANT,
                List.of(losses),
                2,
                new HiddenPairs.All(),
                true,
                teaching,
                Optional.empty());
    }

    private enum Kind {
        ONLINE_FULL_IN_BFLOAT16_WITH_STATES(
                objective(ONLINE, KL, WORDS, STATES), Tuning.Full.all(), Precision.BFLOAT16),
        ONLINE_LORA_WITH_STATES(
                objective(ONLINE, KL, WORDS, STATES), Stages.LORA, Precision.FLOAT32),
        STORED_QLORA(
                objective(stored(256, Optional.empty()), KL, WORDS),
                Stages.QLORA,
                Precision.FLOAT32);

        private final Distillation objective;
        private final Tuning tuning;
        private final Precision precision;

        Kind(Distillation objective, Tuning tuning, Precision precision) {
            this.objective = objective;
            this.tuning = tuning;
            this.precision = precision;
        }

        TrainRequest request(Stages stages, String name, int epochs) {
            return stages.measured(
                    stages.request(
                            name,
                            objective.with(teacher(stages)),
                            tuning,
                            epochs(Stages.settings(2, 1, 1e-2, precision), epochs),
                            stages.documents()),
                    10);
        }
    }

    /// The golden model of other weights, with the tokenizer of the first.
    private static Path teacher(Stages stages) {
        Path teacher = stages.directory().resolve("teacher");
        if (!Files.exists(teacher)) {
            AtomicWrite.directory(
                    teacher,
                    path -> {
                        for (String name : List.of("config.json", "model.safetensors")) {
                            Files.copy(Golden.LLAMA_REF.resolve(name), path.resolve(name));
                        }
                        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
                            Files.copy(Golden.LLAMA.resolve(name), path.resolve(name));
                        }
                    });
        }
        return teacher;
    }

    private static TrainSettings epochs(TrainSettings s, int epochs) {
        return new TrainSettings(
                s.sequenceLength(),
                epochs,
                s.maxSteps(),
                s.batchSize(),
                s.gradientAccumulation(),
                s.learningRate(),
                s.schedule(),
                s.warmup(),
                s.optimizer(),
                s.maxGradNorm(),
                s.precision(),
                s.activations(),
                s.evaluationEvery(),
                s.checkpointEvery(),
                s.checkpointMinutes(),
                s.refinements());
    }

    private static TrainResult train(TrainRequest request) {
        return Trainer.train(request, Event.Listener.none(), Cancellation.never());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void stage_movesTheStudentTowardsTheTeacher(Kind kind) {
        TrainResult result = train(kind.request(new Stages(temporary), "near", 6));

        Map<String, Double> measured = result.evaluation();
        assertThat(measured.get("after/eval_kl"))
                .isLessThan(0.85 * measured.get("before/eval_kl"))
                .isPositive();
        assertThat(measured).containsKeys("after/eval_loss", "after/eval_perplexity");
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void stage_killedAndContinued_goesTheSameWay(Kind kind) {
        Stages stages = new Stages(temporary);
        TrainResult whole = train(kind.request(stages, "whole", 2));
        TrainRequest request = kind.request(stages, "killed", 2);

        assertThatThrownBy(() ->
                        Trainer.train(
                                request,
                                event -> {
                                    if (event instanceof Event.Step step && step.step() == 5) {
                                        throw new Killed();
                                    }
                                },
                                Cancellation.never()))
                .isInstanceOf(Killed.class);
        TrainResult continued = train(request);

        assertThat(continued.lossDigest()).isEqualTo(whole.lossDigest());
        assertThat(continued.evaluation()).isEqualTo(whole.evaluation());
        assertThat(Digest.ofFile(temporary.resolve("killed/model/model.safetensors")))
                .isEqualTo(Digest.ofFile(temporary.resolve("whole/model/model.safetensors")));
    }

    private TrainRequest request(Stages stages, String name, Distillation objective) {
        return stages.request(
                name, objective, Stages.LORA, Stages.settings(2, 1, 1e-2), stages.documents());
    }

    private static List<Path> stores(Path root) throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(path -> path.getFileName().toString().startsWith("logits-"))
                    .toList();
        }
    }

    @Test
    void store_servesAnotherStageWithoutTheTeacher() throws IOException {
        Stages stages = new Stages(temporary);
        Path shelf = temporary.resolve("shelf");
        Distillation kept = objective(stored(32, Optional.of(shelf)), KL, WORDS);
        TrainResult asked = train(request(stages, "asked", kept.with(teacher(stages))));
        assertThat(stores(shelf)).hasSize(1);

        TrainResult read = train(request(stages, "read", kept));
        Distillation direct =
                objective(stored(1, Optional.of(stores(shelf).getFirst())), KL, WORDS);
        TrainResult pointed = train(request(stages, "pointed", direct));

        // dropout is by the stage's seed, which is the same
        assertThat(read.lossDigest()).isEqualTo(asked.lossDigest());
        assertThat(pointed.lossDigest()).isEqualTo(asked.lossDigest());
        try (LogitStore store = LogitStore.open(stores(shelf).getFirst())) {
            assertThat(store.header().sequences()).isEqualTo(45);
            assertThat(store.sequence(3).top()).isEqualTo(32);
        }
    }

    @Test
    void store_ofOtherData_isRefusedWithTheDifference() {
        Stages stages = new Stages(temporary);
        Path shelf = temporary.resolve("shelf");
        Distillation kept = objective(stored(8, Optional.of(shelf)), KL);
        train(request(stages, "asked", kept.with(teacher(stages))));
        TrainRequest other =
                stages.request(
                        "other", kept, Stages.LORA, Stages.settings(2, 1, 1e-2), stages.heldOut());

        assertThatThrownBy(() -> train(other))
                .isInstanceOf(TailorException.class)
                .hasMessageContaining("made of other data")
                .extracting(e -> ((TailorException) e).code())
                .isEqualTo(ErrorCode.DATA_INVALID);
    }

    @Test
    void top_aboveTheVocabulary_isRefused() {
        Stages stages = new Stages(temporary);
        Distillation objective = objective(stored(513, Optional.empty()), KL).with(teacher(stages));

        assertThatThrownBy(() -> train(request(stages, "many", objective)))
                .hasMessageContaining("513")
                .hasMessageContaining("512");
    }

    @Test
    void teacher_withAnotherVocabulary_isRefusedByTheFirstToken() throws IOException {
        Stages stages = new Stages(temporary);
        Path teacher = teacher(stages);
        Path tokenizer = teacher.resolve("tokenizer.json");
        String text = Files.readString(tokenizer);
        assertThat(text).contains("\"!\"");
        Files.writeString(tokenizer, text.replaceFirst("\"!\"", "\"¡\""));

        assertThatThrownBy(() ->
                        train(request(stages, "foreign", objective(ONLINE, KL).with(teacher))))
                .isInstanceOf(TailorException.class)
                .hasMessageContaining("another vocabulary")
                .hasMessageContaining("'!'")
                .hasMessageContaining("'¡'");
    }

    @Test
    void teacher_missing_isRefused() {
        Stages stages = new Stages(temporary);

        assertThatThrownBy(() -> train(request(stages, "alone", objective(ONLINE, KL))))
                .hasMessageContaining("no teacher");
        assertThatThrownBy(() ->
                        train(
                                request(
                                        stages,
                                        "nowhere",
                                        objective(ONLINE, KL).with(temporary.resolve("nobody")))))
                .extracting(e -> ((TailorException) e).render())
                .asString()
                .contains("nobody");
    }

    @Test
    void hiddenState_belowAllThatLearns_isRefused() {
        Stages stages = new Stages(temporary);
        Distillation objective =
                new Distillation(
                        true,
                        TrainOn.ASSISTANT,
                        List.of(STATES),
                        1,
                        new HiddenPairs.Listed(List.of(new HiddenPairs.Pair(1, 1))),
                        false,
                        ONLINE,
                        Optional.of(teacher(stages)));
        TrainRequest request =
                stages.request(
                        "deep",
                        objective,
                        new Tuning.Full(List.of("embed_tokens", "layers\\.0\\.")),
                        Stages.settings(2, 1, 1e-2),
                        stages.documents());

        assertThatThrownBy(() -> train(request))
                .hasMessageContaining("hidden state 1 learns; the first that can change is 2");
    }

    /// Conversations, of which only the answers count.
    @Test
    void stage_onConversations_asksAboutTheAnswers() throws IOException {
        Stages stages = new Stages(temporary);
        Path shelf = temporary.resolve("shelf");
        TrainRequest request =
                stages.request(
                        "chat",
                        objective(stored(4, Optional.of(shelf)), KL).with(teacher(stages)),
                        Stages.LORA,
                        Stages.settings(4, 2, 1e-2),
                        stages.conversations());

        TrainResult result = train(request);

        try (LogitStore store = LogitStore.open(stores(shelf).getFirst())) {
            assertThat(store.header().positions()).isEqualTo(result.data().trainedTokens());
            assertThat(result.data().trainedTokens()).isLessThan(result.data().positions());
        }
    }

    /// What the teacher has said is not asked again after a stop.
    @Test
    void store_stoppedWhileItIsMade_goesOn() {
        Stages stages = new Stages(temporary);
        Distillation objective = objective(stored(8, Optional.empty()), KL).with(teacher(stages));
        TrainRequest request = request(stages, "stopped", objective);
        Cancellation cancellation = new Cancellation();

        assertThatThrownBy(() ->
                        Trainer.train(
                                request,
                                event -> {
                                    if (event instanceof Event.Note note
                                            && note.message().startsWith("asking")) {
                                        cancellation.request();
                                    }
                                },
                                cancellation))
                .extracting(e -> ((TailorException) e).code())
                .isEqualTo(ErrorCode.INTERRUPTED);

        List<String> notes = new ArrayList<>();
        Trainer.train(
                request,
                event -> {
                    if (event instanceof Event.Note note) {
                        notes.add(note.message());
                    }
                },
                Cancellation.never());
        assertThat(notes).anyMatch(note -> note.startsWith("asking the teacher about 45"));
    }
}
