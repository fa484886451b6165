package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Crc32;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32;

class Crc32Test {
    @Test
    void then_anyCut_isTheChecksumOfTheWhole() {
        byte[] bytes = new byte[10_007];
        new Random(3).nextBytes(bytes);
        CRC32 whole = new CRC32();
        whole.update(bytes);
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int cut : new int[] {0, 1, 7, 4096, 10_006, 10_007}) {
            Crc32 joined = Crc32.of(segment.asSlice(0, cut)).then(Crc32.of(segment.asSlice(cut)));
            assertThat(joined).isEqualTo(new Crc32((int) whole.getValue(), bytes.length));
        }
    }

    @Test
    void toString_knownText_isTheUsualNotation() {
        byte[] text = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(Crc32.of(MemorySegment.ofArray(text))).hasToString("cbf43926");
    }
}
