package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
                        name,
                        Tuning.Full.all(),
                        Stages.settings(1, 1, 1e-3, dev.tailor.torch.Precision.BFLOAT16));
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
        };

        abstract TrainRequest request(Stages stages, String name);
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

    @Test
    void preference_withoutItsCache_asksTheReferenceAgain() throws IOException {
        Stages stages = new Stages(temporary);
        TrainRequest whole = Kind.PREFERENCE.request(stages, "whole");
        TrainRequest killed = Kind.PREFERENCE.request(stages, "killed");
        TrainResult expected = train(whole);
        assertThatThrownBy(() -> Trainer.train(killed, killAt(5), Cancellation.never()))
                .isInstanceOf(Killed.class);
        AtomicWrite.deleteTree(killed.work().resolve("cache"));

        assertSame(train(killed), expected, killed, whole);
    }

    private static List<Path> checkpoints(TrainRequest request) throws IOException {
        try (Stream<Path> walk = Files.walk(request.work().resolve("checkpoints"), 2)) {
            return walk.filter(path -> path.getFileName().toString().startsWith("step-"))
                    .sorted()
                    .toList();
        }
    }
}
