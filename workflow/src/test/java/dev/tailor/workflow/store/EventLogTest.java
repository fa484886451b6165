package dev.tailor.workflow.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.workflow.internal.tensorboard.EventFileReader;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

class EventLogTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_250L));

    @TempDir Path root;
    private RunDirectory directory;

    @BeforeEach
    void useTheDirectory() {
        directory = new RunDirectory(root);
    }

    @Test
    void append_aMetric_isOneLine() throws IOException {
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 3, "loss", 1.5);
        }

        assertThat(Files.readString(directory.events()))
                .isEqualTo(
                        """
                        {"time":1700000000.250,"stage":"domain","step":3,"name":"loss","value":1.5}
                        """);
    }

    @Test
    void append_stepsRepeatedAfterAKill_areNotWrittenAgain() {
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 1, "loss", 3);
            log.append("domain", 2, "loss", 2);
        }
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 2, "loss", 2);
            log.append("domain", 3, "loss", 1);
        }

        assertThat(steps()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void open_lineCutOffByAKill_isWrittenAgainWhole() throws IOException {
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 1, "loss", 3);
        }
        Files.writeString(
                directory.events(),
                "{\"time\":1,\"stage\":\"domain\",\"st",
                StandardOpenOption.APPEND);

        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 2, "loss", 2);
        }

        assertThat(Files.readAllLines(directory.events())).hasSize(2);
        assertThat(steps()).containsExactly(1L, 2L);
    }

    @Test
    void forget_oneStage_keepsTheOthers() {
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 1, "loss", 3);
            log.append("instruct", 1, "loss", 5);
            log.forget("domain");
            log.append("domain", 1, "loss", 4);
        }

        assertThat(EventLog.read(directory))
                .extracting(EventLog.Entry::stage, EventLog.Entry::value)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("instruct", 5.0),
                        org.assertj.core.groups.Tuple.tuple("domain", 4.0));
    }

    @Test
    void append_notANumber_isReadBack() {
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 1, "loss", Double.NaN);
        }

        assertThat(EventLog.read(directory).getFirst().value()).isNaN();
    }

    @Test
    void tensorBoard_afterAKill_holdsEveryStepOnce() throws IOException {
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 1, "loss", 3);
        }
        try (EventLog log = EventLog.open(directory, CLOCK)) {
            log.append("domain", 1, "loss", 3);
            log.append("domain", 2, "loss", 2);
        }

        List<EventFileReader.Scalar> scalars =
                EventFileReader.read(
                        directory.tensorBoard().resolve("domain/events.out.tfevents.0.tailor"));
        assertThat(scalars).extracting(EventFileReader.Scalar::step).containsExactly(0L, 1L, 2L);
        assertThat(scalars.getLast().tag()).isEqualTo("loss");
    }

    private List<Long> steps() {
        return EventLog.read(directory).stream().map(EventLog.Entry::step).toList();
    }
}
