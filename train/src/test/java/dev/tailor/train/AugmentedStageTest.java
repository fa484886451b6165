package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.text.Tokenizer;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.internal.batch.Prepared;
import dev.tailor.train.internal.loop.Stage;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// Instruction pre-training, and answers to prompts on the way.
class AugmentedStageTest {
    private static final Objective PLAIN = new Objective.CausalLm(true, new Augmentation(2, false));

    @TempDir private Path temporary;

    private final List<Event> events = new ArrayList<>();
    private Stages stages;

    @BeforeEach
    void stages() {
        stages = new Stages(temporary);
    }

    private static String row(String text, String source, int pairs) {
        List<String> list = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            list.add("{\"question\": \"q%d\", \"answer\": \"a%d\"}".formatted(i, i));
        }
        return "{\"text\": \"%s\", \"source\": \"%s\", \"pairs\": [%s]}\n"
                .formatted(text, source, String.join(", ", list));
    }

    private TrainRequest request(Objective objective, String rows) {
        return request(objective, 256, rows);
    }

    private TrainRequest request(Objective objective, int sequenceLength, String rows) {
        return stages.request(
                "cpt",
                objective,
                Tuning.Full.all(),
                Stages.withLength(Stages.settings(2, 1, 2e-3), sequenceLength),
                stages.write("augmented.jsonl", rows));
    }

    /// Every sequence as text, its special tokens left out.
    private static List<String> texts(TrainRequest request) {
        try (Prepared data =
                        Stage.preparation(request).prepare(request.data(), Cancellation.never());
                Tokenizer tokenizer = Tokenizer.load(Golden.LLAMA)) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < data.tokens().sequences(); i++) {
                texts.add(tokenizer.decode(data.tokens().sequence(i).tokens(), true));
            }
            return texts;
        }
    }

    private static DataSummary summary(TrainRequest request) {
        try (Prepared data =
                Stage.preparation(request).prepare(request.data(), Cancellation.never())) {
            return data.summary();
        }
    }

    @Test
    void chains_ofOneSource_standInOneSequenceExactly() {
        TrainRequest request =
                request(
                        PLAIN,
                        row("one", "x", 2)
                                + row("uno", "y", 1)
                                + "{\"text\": \"raw\"}\n"
                                + row("two", "x", 1)
                                + row("three", "x", 1));

        assertThat(texts(request))
                .containsExactly(
                        "raw",
                        "one\n\nQuestion: q0\nAnswer: a0\n\nQuestion: q1\nAnswer: a1\n\n"
                                + "two\n\nQuestion: q0\nAnswer: a0",
                        "uno\n\nQuestion: q0\nAnswer: a0",
                        "three\n\nQuestion: q0\nAnswer: a0");
        assertThat(summary(request).chains()).isEqualTo(new ChainSummary(3, 4, 5, 0, 0));
    }

    @Test
    void chain_thatWouldNotFit_endsEarlyAndGoesOnInTheNext() {
        String text = Stages.words(new Seed(1), 12);
        String other = Stages.words(new Seed(2), 12);
        TrainRequest request =
                request(PLAIN, 128, row(text, "x", 1) + row(other, "x", 1) + row("last", "x", 1));

        List<String> texts = texts(request);

        assertThat(texts)
                .containsExactly(
                        text + "\n\nQuestion: q0\nAnswer: a0",
                        other
                                + "\n\nQuestion: q0\nAnswer: a0\n\nlast\n\nQuestion: q0\nAnswer:"
                                + " a0");
        assertThat(summary(request).chains()).isEqualTo(new ChainSummary(2, 3, 3, 1, 0));
    }

    @Test
    void text_tooLongForItsQuestions_losesTheLastOrAll() {
        String much = Stages.words(new Seed(3), 60);
        TrainRequest request = request(PLAIN, 64, row("few", "x", 12) + row(much, "y", 2));

        DataSummary summary = summary(request);
        List<String> texts = texts(request);

        assertThat(texts.getFirst()).startsWith("few\n\nQuestion: q0\nAnswer: a0\n\nQuestion: q1");
        assertThat(texts).noneMatch(text -> text.contains("q11"));
        assertThat(String.join("", texts.subList(1, texts.size()))).doesNotContain("Question");
        assertThat(summary.truncated()).isEqualTo(2);
        assertThat(summary.chains().texts()).isEqualTo(1);
        assertThat(summary.chains().pairs() + summary.chains().pairsLeftOut()).isEqualTo(14);
        assertThat(summary.issues()).hasSize(2);
    }

    @Test
    void variedLayouts_areDrawnBySeed() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            rows.append(row("text", "s" + i, 2));
        }
        TrainRequest request = request(new Objective.CausalLm(true), rows.toString());

        List<String> texts = texts(request);

        assertThat(Set.copyOf(texts)).hasSizeGreaterThan(10);
        assertThat(texts).allMatch(text -> text.contains("text") && text.contains("a1"));
        assertThat(texts(request)).isEqualTo(texts);
    }

    @Test
    void stage_onChains_learnsAndSaysWhatItLearntFrom() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            rows.append(row(Stages.words(new Seed(i % 3), 3), "x", 1));
        }

        TrainResult result =
                Trainer.train(
                        request(new Objective.CausalLm(true), rows.toString()),
                        events::add,
                        Cancellation.never());

        List<Double> losses =
                events.stream()
                        .filter(Event.Step.class::isInstance)
                        .map(event -> ((Event.Step) event).metrics().get("loss"))
                        .toList();
        assertThat(losses.getLast()).isLessThan(losses.getFirst());
        assertThat(result.data().chains().pairs()).isEqualTo(30);
        assertThat(events)
                .anyMatch(event ->
                        event instanceof Event.Note note
                                && note.message().contains("30 texts with 30 questions"));
    }

    @Test
    void samples_whileTraining_changeNoByteOfTheModel() {
        for (Tuning tuning : List.of(Tuning.Full.all(), Stages.LORA)) {
            String name = tuning instanceof Tuning.Full ? "full" : "lora";
            TrainRequest silent = stages.cpt("silent-" + name, tuning, Stages.settings(2, 1, 2e-3));
            TrainRequest speaking =
                    stages.cpt("speaking-" + name, tuning, Stages.settings(2, 1, 2e-3));
            PromptSamples samples =
                    new PromptSamples(
                            List.of(
                                    new PromptSamples.Prompt("first", new int[] {1, 5, 9}),
                                    new PromptSamples.Prompt("second", new int[] {1, 7})),
                            Set.of(),
                            3,
                            6);
            events.clear();

            Trainer.train(silent, event -> {}, Cancellation.never());
            TrainResult with =
                    Trainer.train(speaking.with(samples), events::add, Cancellation.never());

            TreeMap<Long, Integer> answers = new TreeMap<>();
            events.stream()
                    .filter(Event.Answer.class::isInstance)
                    .forEach(
                            event -> answers.merge(((Event.Answer) event).step(), 1, Integer::sum));
            assertThat(answers).containsEntry(0L, 2).containsEntry(3L, 2);
            assertThat(answers.lastEntry().getKey()).isEqualTo(with.steps());
            assertThat(answers.values()).containsOnly(2);
            assertThat(with.steps()).isGreaterThan(3);
        }
        for (String name : List.of("full", "lora")) {
            assertThat(digest("speaking-" + name)).isEqualTo(digest("silent-" + name));
        }
    }

    private String digest(String stage) {
        return Digest.ofFile(temporary.resolve(stage).resolve("model/model.safetensors"));
    }
}
