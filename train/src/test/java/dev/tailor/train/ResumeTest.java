package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.OptimizerSettings.AdamW8Bit;
import dev.tailor.torch.OptimizerSettings.ScheduleFree;
import dev.tailor.torch.Precision;
import dev.tailor.train.Refinements.Order;
import dev.tailor.train.preference.PolicyLoss;
import dev.tailor.train.preference.PreferenceLoss;
import dev.tailor.train.preference.PreferenceLoss.Mixture;
import dev.tailor.train.preference.RankLoss;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A run that is stopped and continued goes the way of one that is not, bit for bit.
class ResumeTest {
    @TempDir private Path temporary;

    private enum Kind {
        FULL {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.cpt(name, Tuning.Full.all(), Stages.settings(1, 1, 1e-3));
            }
        },
        BFLOAT16 {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.cpt(
                        name, Tuning.Full.all(), Stages.settings(1, 1, 1e-3, Precision.BFLOAT16));
            }
        },
        LORA_WITH_DROPOUT {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.cpt(name, Stages.LORA, Stages.settings(1, 1, 1e-3));
            }
        },
        EVERYTHING_OF_AN_ADAPTER {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.cpt(name, Stages.REFINED, Stages.settings(1, 1, 1e-3));
            }
        },
        QUANTISED {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.dpo(name, Stages.QLORA, Stages.settings(2, 2, 1e-3));
            }
        },
        PREFERENCE {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.dpo(name, Stages.LORA, Stages.settings(2, 2, 1e-3));
            }
        },
        MIXED_PREFERENCE {
            @Override
            TrainRequest request(Stages stages, String name) {
                PreferenceLoss ranksAndOdds =
                        new Mixture(
                                List.of(
                                        new Mixture.Part(new RankLoss.Aot(0.1), 1),
                                        new Mixture.Part(new PolicyLoss.Orpo(), 0.5)));
                return stages.request(
                        name,
                        new Objective.Preference(ranksAndOdds, 0.1),
                        Stages.LORA,
                        Stages.settings(2, 2, 1e-3),
                        stages.preferences());
            }
        },
        UNPAIRED {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.kto(name, Stages.LORA, Stages.settings(2, 2, 1e-3), stages.answers());
            }
        },
        ADAMW_8BIT {
            @Override
            TrainRequest request(Stages stages, String name) {
                return optimizer(stages, name, new AdamW8Bit(AdamWSettings.defaults(0.01)));
            }
        },
        LION {
            @Override
            TrainRequest request(Stages stages, String name) {
                return optimizer(stages, name, OptimizerSettings.Lion.defaults(0.01));
            }
        },
        ADAFACTOR {
            @Override
            TrainRequest request(Stages stages, String name) {
                return optimizer(stages, name, new OptimizerSettings.Adafactor(0.01));
            }
        },
        MUON {
            @Override
            TrainRequest request(Stages stages, String name) {
                return optimizer(stages, name, OptimizerSettings.Muon.defaults(0.01));
            }
        },
        NOISE_IN_LENGTH_GROUPS {
            @Override
            TrainRequest request(Stages stages, String name) {
                return refined(
                        stages,
                        name,
                        Precision.FLOAT32,
                        new Refinements(5, 0, false, 0, Order.LENGTH_GROUPED, Optional.empty()));
            }
        },
        AVERAGED_SHORT_FIRST {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.measured(
                        refined(
                                stages,
                                name,
                                Precision.BFLOAT16,
                                new Refinements(
                                        0, 0.9, false, 0, Order.SHORT_FIRST, Optional.empty())),
                        2);
            }
        },
        BEST_OF_AVERAGES {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.measured(
                        refined(
                                stages,
                                name,
                                Precision.FLOAT32,
                                new Refinements(0, 0.5, true, 4, Order.SHUFFLED, Optional.empty())),
                        1);
            }
        },
        SCHEDULE_FREE {
            @Override
            TrainRequest request(Stages stages, String name) {
                return stages.measured(
                        optimizer(stages, name, new ScheduleFree(AdamWSettings.defaults(0.01))), 2);
            }
        };

        abstract TrainRequest request(Stages stages, String name);

        private static TrainRequest refined(
                Stages stages, String name, Precision precision, Refinements refinements) {
            TrainSettings settings = Stages.settings(1, 1, 1e-2, precision);
            return stages.cpt(name, Tuning.Full.all(), Stages.with(settings, refinements));
        }

        private static TrainRequest optimizer(Stages stages, String name, OptimizerSettings rule) {
            return stages.cpt(
                    name, Tuning.Full.all(), Stages.with(Stages.settings(1, 1, 1e-3), rule));
        }
    }

    /// The process dies in the middle of a step: nothing of it is left but what is on the disk.
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static Event.Listener killAt(long step) {
        return event -> {
            if (event instanceof Event.Step done && done.step() == step) {
                throw new Killed();
            }
        };
    }

    private static TrainResult train(TrainRequest request) {
        return Trainer.train(request, Event.Listener.none(), Cancellation.never());
    }

    private static void assertSame(
            TrainResult actual, TrainResult expected, TrainRequest a, TrainRequest b)
            throws IOException {
        assertThat(actual.lossDigest()).isEqualTo(expected.lossDigest());
        assertThat(actual.steps()).isEqualTo(expected.steps());
        assertThat(actual.tokens()).isEqualTo(expected.tokens());
        assertThat(Digest.ofTree(a.output())).isEqualTo(Digest.ofTree(b.output()));
    }

    @ParameterizedTest
    @EnumSource
    void killedRun_continuesBitForBit(Kind kind) throws IOException {
        Stages stages = new Stages(temporary);
        TrainRequest whole = kind.request(stages, "whole");
        TrainRequest killed = kind.request(stages, "killed");
        TrainResult expected = train(whole);
        assertThat(expected.steps()).isGreaterThan(5);

        assertThatThrownBy(() -> Trainer.train(killed, killAt(5), Cancellation.never()))
                .isInstanceOf(Killed.class);
        assertThat(killed.output()).doesNotExist();
        List<Event> events = new ArrayList<>();
        TrainResult actual = Trainer.train(killed, events::add, Cancellation.never());

        assertThat(events).contains(new Event.Note("killed", "continuing after step 3", false));
        assertSame(actual, expected, killed, whole);
    }

    @Test
    void cancelledRun_keepsEveryStepDone() throws IOException {
        Stages stages = new Stages(temporary);
        TrainRequest whole = Kind.FULL.request(stages, "whole");
        TrainRequest cancelled = Kind.FULL.request(stages, "cancelled");
        TrainResult expected = train(whole);
        Cancellation cancellation = new Cancellation();

        assertThatThrownBy(() ->
                        Trainer.train(
                                cancelled,
                                event -> {
                                    if (event instanceof Event.Step step && step.step() == 2) {
                                        cancellation.request();
                                    }
                                },
                                cancellation))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        List<Event> events = new ArrayList<>();
        TrainResult actual = Trainer.train(cancelled, events::add, Cancellation.never());

        assertThat(events).contains(new Event.Note("cancelled", "continuing after step 2", false));
        assertSame(actual, expected, cancelled, whole);
    }

    @Test
    void tornCheckpoint_isPassedOverForTheOneBefore() throws IOException {
        Stages stages = new Stages(temporary);
        TrainRequest whole = Kind.FULL.request(stages, "whole");
        TrainRequest torn = Kind.FULL.request(stages, "torn");
        TrainResult expected = train(whole);
        assertThatThrownBy(() -> Trainer.train(torn, killAt(7), Cancellation.never()))
                .isInstanceOf(Killed.class);
        Path newest = checkpoints(torn).getLast();
        assertThat(newest.getFileName()).hasToString("step-00000006");
        Path state = newest.resolve("optimizer.safetensors");
        byte[] bytes = Files.readAllBytes(state);
        bytes[bytes.length / 2] ^= 1;
        Files.write(state, bytes);

        List<Event> events = new ArrayList<>();
        TrainResult actual = Trainer.train(torn, events::add, Cancellation.never());

        assertThat(events).contains(new Event.Note("torn", "continuing after step 3", false));
        assertSame(actual, expected, torn, whole);
    }

    @Test
    void otherSettings_beginAnew() {
        Stages stages = new Stages(temporary);
        TrainRequest first = Kind.FULL.request(stages, "stage");
        assertThatThrownBy(() -> Trainer.train(first, killAt(5), Cancellation.never()))
                .isInstanceOf(Killed.class);

        TrainRequest other = stages.cpt("stage", Tuning.Full.all(), Stages.settings(1, 1, 5e-4));
        List<Event> events = new ArrayList<>();
        Trainer.train(other, events::add, Cancellation.never());

        assertThat(events)
                .filteredOn(event -> event instanceof Event.Step step && step.step() == 1)
                .hasSize(1);
    }

    @Test
    void finishedRun_leavesNoCheckpoints() throws IOException {
        TrainRequest request = Kind.FULL.request(new Stages(temporary), "stage");

        train(request);

        assertThat(request.work().resolve("checkpoints")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(names = {"PREFERENCE", "UNPAIRED"})
    void preference_withoutItsCache_asksTheReferenceAgain(Kind kind) throws IOException {
        Stages stages = new Stages(temporary);
        TrainRequest whole = kind.request(stages, "whole");
        TrainRequest killed = kind.request(stages, "killed");
        TrainResult expected = train(whole);
        assertThatThrownBy(() -> Trainer.train(killed, killAt(5), Cancellation.never()))
                .isInstanceOf(Killed.class);
        AtomicWrite.deleteTree(killed.work().resolve("cache"));

        assertSame(train(killed), expected, killed, whole);
    }

    /// Fifty documents in rows of their own; the one that is seen in step 32 is of other signs.
    private static TrainRequest guarded(Stages stages, String name, double rate) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            String text = i == 38 ? "#%&?#&%?!#%&??%&#" : Stages.words(new Seed(i), 12);
            lines.append("{\"text\": \"%s\"}\n".formatted(text));
        }
        return stages.request(
                name,
                new Objective.CausalLm(false),
                Tuning.Full.all(),
                Stages.with(
                        Stages.settings(1, 1, rate),
                        new Refinements(
                                0,
                                0,
                                false,
                                0,
                                Order.SHUFFLED,
                                Optional.of(new LossGuard(1.5, 5, 2)))),
                stages.write("one-of-others.jsonl", lines.toString()));
    }

    @Test
    void lossSpike_isLeftOut_andTheWayIsTheSameAfterAStop() throws IOException {
        Stages stages = new Stages(temporary);
        TrainRequest whole = guarded(stages, "whole", 2e-3);
        List<Event> events = new ArrayList<>();
        TrainResult expected = Trainer.train(whole, events::add, Cancellation.never());
        List<String> warnings =
                events.stream()
                        .filter(event -> event instanceof Event.Note note && note.warning())
                        .map(event -> ((Event.Note) event).message())
                        .filter(message -> message.contains("going back to step"))
                        .toList();
        assertThat(warnings).hasSize(1);
        assertThat(expected.returns()).isEqualTo(1);
        assertThat(expected.steps()).isEqualTo(50);
        int bad = Integer.parseInt(warnings.getFirst().replaceAll("step (\\d+):.*", "$1"));
        assertThat(bad).isGreaterThan(16);
        assertThat(warnings.getFirst())
                .contains("going back to step %d and".formatted((bad - 2) / 5 * 5));

        for (int stop : new int[] {bad - 2, bad - 1, bad + 1}) {
            TrainRequest killed = guarded(stages, "killed" + stop, 2e-3);
            assertThatThrownBy(() -> Trainer.train(killed, killAt(stop), Cancellation.never()))
                    .isInstanceOf(Killed.class);
            TrainResult actual = train(killed);
            assertThat(actual.returns()).isEqualTo(1);
            assertSame(actual, expected, killed, whole);

            TrainRequest cancelled = guarded(stages, "cancelled" + stop, 2e-3);
            Cancellation cancellation = new Cancellation();
            assertThatThrownBy(() ->
                            Trainer.train(
                                    cancelled,
                                    event -> {
                                        if (event instanceof Event.Step step
                                                && step.step() == stop) {
                                            cancellation.request();
                                        }
                                    },
                                    cancellation))
                    .isInstanceOf(TailorException.class);
            assertSame(train(cancelled), expected, cancelled, whole);
        }
    }

    @Test
    void guardedRunThatDivergesAgain_endsWithTheStep() {
        TrainRequest request = guarded(new Stages(temporary), "diverging", 1e38);
        List<Event> events = new ArrayList<>();

        assertThatThrownBy(() -> Trainer.train(request, events::add, Cancellation.never()))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.TRAINING_DIVERGED))
                .hasMessageMatching("training diverged at step \\d+: .*");
        assertThat(events)
                .filteredOn(event ->
                        event instanceof Event.Note note
                                && note.message().contains("going back to step"))
                .hasSize(2);
    }

    private static List<Path> checkpoints(TrainRequest request) throws IOException {
        try (Stream<Path> walk = Files.walk(request.work().resolve("checkpoints"), 2)) {
            return walk.filter(path -> path.getFileName().toString().startsWith("step-"))
                    .sorted()
                    .toList();
        }
    }
}
