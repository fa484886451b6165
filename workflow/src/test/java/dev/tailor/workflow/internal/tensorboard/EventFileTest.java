package dev.tailor.workflow.internal.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

class EventFileTest {
    @TempDir Path directory;

    @Test
    void scalars_readBack_areEqual() throws IOException {
        Path file = directory.resolve("stage").resolve("events.out.tfevents.0.tailor");
        try (EventFile events = EventFile.create(file, 1000.5)) {
            events.scalar("loss", 1, 2.5, 1001.25);
            events.scalar("größe", 1L << 40, -0.125, 1002);
        }

        assertThat(EventFileReader.read(file))
                .containsExactly(
                        new EventFileReader.Scalar(1000.5, 0, "", 0, "brain.Event:2"),
                        new EventFileReader.Scalar(1001.25, 1, "loss", 2.5f, ""),
                        new EventFileReader.Scalar(1002, 1L << 40, "größe", -0.125f, ""));
    }

    /// From RFC 3720, B.4: the CRC32C of 32 zero bytes is 0x8a9136aa.
    @Test
    void maskedCrc_ofTheRfcsExample_isItsCrcMasked() {
        int crc = 0x8a9136aa;

        assertThat(EventFile.maskedCrc(new byte[32], 0, 32))
                .isEqualTo(((crc >>> 15) | (crc << 17)) + 0xa282ead8);
    }

    @Test
    void maskedCrc_ofARange_ignoresWhatLiesAround() {
        byte[] whole = "xx123456789yy".getBytes(StandardCharsets.UTF_8);
        byte[] part = "123456789".getBytes(StandardCharsets.UTF_8);

        assertThat(EventFile.maskedCrc(whole, 2, 9)).isEqualTo(EventFile.maskedCrc(part, 0, 9));
    }
}
