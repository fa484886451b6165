package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.text.TrainOn;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// Stages on conversations whose data says how much messages count.
class WeightedStageTest {
    private static final String NOT_ASKED = "";

    @TempDir private Path temporary;

    private Stages stages;
    private final List<Event> events = new ArrayList<>();

    @BeforeEach
    void stages() {
        stages = new Stages(temporary);
    }

    /// Conversations of two answers each; `fields` are further ones of the answers, by their
    /// number.
    private Path conversations(String name, IntFunction<String> fields) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 24; i += 2) {
            lines.append(
                    """
                    {"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"%s}, \
                    {"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"%s}]}
                    """
                            .formatted(
                                    Stages.words(new Seed(i), 4),
                                    Stages.words(new Seed(100 + i), 3),
                                    fields.apply(i),
                                    Stages.words(new Seed(i + 1), 2 + i % 3),
                                    Stages.words(new Seed(101 + i), 3),
                                    fields.apply(i + 1)));
        }
        return stages.write(name, lines.toString());
    }

    private TrainRequest request(
            String name, boolean pack, TrainOn on, TrainSettings s, Path data) {
        return stages.request(name, new Objective.Supervised(pack, on), Tuning.Full.all(), s, data);
    }

    private List<Double> losses(TrainRequest request) {
        events.clear();
        Trainer.train(request, events::add, Cancellation.never());
        return events.stream()
                .filter(Event.Step.class::isInstance)
                .map(event -> ((Event.Step) event).metrics().get("loss"))
                .toList();
    }

    private List<String> notes() {
        return events.stream()
                .filter(Event.Note.class::isInstance)
                .map(event -> ((Event.Note) event).message())
                .toList();
    }

    private static final TrainSettings SETTINGS = Stages.settings(2, 2, 2e-3);

    @Test
    void weightOfOneEverywhere_givesTheSameLossesBitForBit() {
        Path plain = conversations("plain.jsonl", i -> NOT_ASKED);
        Path ones = conversations("ones.jsonl", i -> ", \"weight\": 1");

        assertThat(losses(request("ones", true, TrainOn.ASSISTANT, SETTINGS, ones)))
                .isEqualTo(losses(request("plain", true, TrainOn.ASSISTANT, SETTINGS, plain)));
    }

    @Test
    void earlierAnswersOfWeightNothing_areAsTheMaskOfTheLast() {
        Path plain = conversations("plain.jsonl", i -> NOT_ASKED);
        Path last = conversations("last.jsonl", i -> i % 2 == 0 ? ", \"train\": false" : "");

        assertThat(losses(request("weights", true, TrainOn.ASSISTANT, SETTINGS, last)))
                .isEqualTo(losses(request("last", true, TrainOn.LAST, SETTINGS, plain)));
    }

    /// One step on all of the data: packed into rows, one by one, and in passes of several sizes.
    @ParameterizedTest
    @CsvSource({"true, 12, 1", "false, 12, 1", "false, 4, 3", "false, 1, 12"})
    void weightedLoss_isTheSameHoweverTheStepIsCut(boolean pack, int rows, int passes) {
        Path data =
                conversations(
                        "data.jsonl", i -> ", \"weight\": " + List.of(0, 0.5, 1, 3).get(i % 4));
        double whole =
                losses(
                                request(
                                        "whole",
                                        false,
                                        TrainOn.ASSISTANT,
                                        Stages.settings(12, 1, 2e-3),
                                        data))
                        .getFirst();

        double cut =
                losses(
                                request(
                                        "cut",
                                        pack,
                                        TrainOn.ASSISTANT,
                                        Stages.settings(rows, passes, 2e-3),
                                        data))
                        .getFirst();

        assertThat(cut).isCloseTo(whole, within(1e-5));
    }

    @Test
    void otherWeights_beginAnewInsteadOfGoingOn() {
        TrainRequest first =
                request(
                        "stage",
                        true,
                        TrainOn.ASSISTANT,
                        Stages.settings(1, 1, 2e-3),
                        conversations("data.jsonl", i -> ", \"weight\": 0.5"));
        Cancellation cancellation = new Cancellation();
        assertThatThrownBy(() ->
                        Trainer.train(
                                first,
                                event -> {
                                    if (event instanceof Event.Step step && step.step() == 2) {
                                        cancellation.request();
                                    }
                                },
                                cancellation))
                .hasMessageContaining("after step 2");
        Path changed =
                conversations(
                        "data.jsonl", i -> i == 3 ? ", \"weight\": 0.25" : ", \"weight\": 0.5");

        losses(request("stage", true, TrainOn.ASSISTANT, Stages.settings(1, 1, 2e-3), changed));

        assertThat(notes()).noneMatch(note -> note.contains("continuing"));
    }

    @Test
    void lint_saysWhatShareIsLearntAndHowMuchItCounts() {
        Path data =
                conversations(
                        "data.jsonl", i -> i % 4 < 2 ? ", \"weight\": 0" : ", \"weight\": 0.5");

        TrainResult result =
                Trainer.train(
                        request("lint", true, TrainOn.ASSISTANT, SETTINGS, data),
                        events::add,
                        Cancellation.never());

        MaskSummary mask = result.data().mask();
        assertThat(result.data().dropped())
                .containsOnly(
                        java.util.Map.entry(
                                "nothing in it is to be learnt: its weights leave nothing", 6L));
        assertThat(mask.weights()).containsOnlyKeys("0.5");
        assertThat(mask.totalWeight()).isEqualTo(0.5 * mask.learnt());
        assertThat(notes())
                .anyMatch(note -> note.startsWith("6 samples are left out: nothing in it"))
                .anyMatch(
                        note -> note.matches("\\d+\\.\\d % of the tokens are learnt: \\d+ of \\d+"))
                .anyMatch(note ->
                        note.startsWith("weights: " + mask.learnt() + " tokens × 0.5; all"));
    }

    @Test
    void lint_namesSamplesThatAreLearntAsAWhole() {
        Path data =
                stages.write(
                        "data.jsonl",
                        """
                        {"prompt": "a", "completion": " world"}
                        {"prompt": "b", "completion": " again"}
                        """);

        losses(request("whole", true, TrainOn.ASSISTANT, SETTINGS, data));

        assertThat(notes())
                .anyMatch(note ->
                        note.endsWith("samples are learnt as a whole, what was asked included"));
    }

    @Test
    void oneSample_isEnoughToLearnFrom() {
        Path data =
                stages.write("data.jsonl", "{\"prompt\": \"hello\", \"completion\": \" world\"}\n");

        assertThat(losses(request("one", true, TrainOn.ASSISTANT, SETTINGS, data))).hasSize(1);
    }

    @Test
    void sequencesBeyondTheModelsPositions_areNamed() {
        Path data =
                stages.write(
                        "data.jsonl",
                        "{\"prompt\": \"hello\", \"completion\": \"%s\"}\n{\"prompt\": \"a\","
                                        .formatted(" world".repeat(300))
                                + " \"completion\": \"b\"}\n");
        TrainSettings s = SETTINGS;
        TrainSettings longer =
                new TrainSettings(
                        1024,
                        1,
                        s.maxSteps(),
                        1,
                        1,
                        s.learningRate(),
                        s.schedule(),
                        s.warmup(),
                        s.optimizer(),
                        s.maxGradNorm(),
                        s.precision(),
                        s.activations(),
                        0,
                        0,
                        0,
                        s.refinements());

        losses(request("long", false, TrainOn.ASSISTANT, longer, data));

        assertThat(notes())
                .anyMatch(note ->
                        note.startsWith("1 of 2 sequences are longer than the 256 positions"));
    }

    @Test
    void nothingToLearn_isRefusedWithTheReason() {
        Path data = conversations("data.jsonl", i -> ", \"weight\": 0");

        assertThatThrownBy(() -> losses(request("none", true, TrainOn.ASSISTANT, SETTINGS, data)))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID);
                            assertThat(e.getMessage())
                                    .isEqualTo(
                                            "nothing is left to learn from: 12 samples are left"
                                                    + " out: nothing in it is to be learnt: its"
                                                    + " weights leave nothing");
                            assertThat(e.where().orElseThrow()).endsWith("data.jsonl:1");
                        });
    }
}
