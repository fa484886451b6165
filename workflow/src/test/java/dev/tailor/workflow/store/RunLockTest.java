package dev.tailor.workflow.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class RunLockTest {
    @TempDir Path root;

    @Test
    void take_whileHeld_namesTheHolder() {
        RunDirectory directory = new RunDirectory(root);
        try (RunLock held = RunLock.take(directory)) {
            TailorException error =
                    catchThrowableOfType(TailorException.class, () -> RunLock.take(directory));

            assertThat(held).isNotNull();
            assertThat(error.code()).isEqualTo(ErrorCode.USAGE);
            assertThat(error.render())
                    .contains("another run works here (process " + ProcessHandle.current().pid())
                    .contains("--out");
        }
    }

    @Test
    void take_afterItsHolderDied_succeeds() throws IOException {
        RunDirectory directory = new RunDirectory(root);
        Files.writeString(directory.lock(), "process 999999999 since 2020-01-01T00:00:00Z\n");

        assertThatCode(() -> RunLock.take(directory).close()).doesNotThrowAnyException();
    }

    @Test
    void take_afterRelease_succeeds() {
        RunDirectory directory = new RunDirectory(root);
        RunLock.take(directory).close();

        assertThatCode(() -> RunLock.take(directory).close()).doesNotThrowAnyException();
    }
}
