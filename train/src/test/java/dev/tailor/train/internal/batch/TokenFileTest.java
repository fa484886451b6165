package dev.tailor.train.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class TokenFileTest {
    @TempDir private Path temporary;

    private static final List<Sequence> SEQUENCES =
            List.of(
                    new Sequence(new int[] {1, 70_000, 3}, new boolean[] {false, true, false}),
                    new Sequence(new int[] {}, new boolean[] {}),
                    new Sequence(new int[] {Integer.MAX_VALUE}, new boolean[] {true}, false));

    private Path written() {
        Path file = temporary.resolve("tokens");
        TokenFile.write(
                file,
                sink -> {
                    SEQUENCES.forEach(sink::add);
                    return "a note: ü";
                });
        return file;
    }

    @Test
    void file_holdsSequencesAndNote() {
        try (TokenFile tokens = TokenFile.open(written()).orElseThrow()) {
            assertThat(tokens.sequences()).isEqualTo(3);
            assertThat(tokens.note()).isEqualTo("a note: ü");
            for (int i = 0; i < 3; i++) {
                assertThat(tokens.sequence(i).tokens()).isEqualTo(SEQUENCES.get(i).tokens());
                assertThat(tokens.sequence(i).weights()).isEqualTo(SEQUENCES.get(i).weights());
                assertThat(tokens.sequence(i).wanted()).isEqualTo(SEQUENCES.get(i).wanted());
                assertThat(tokens.length(i)).isEqualTo(SEQUENCES.get(i).tokens().length);
            }
        }
    }

    @Test
    void open_withoutFile_findsNothing() {
        assertThat(TokenFile.open(temporary.resolve("absent"))).isEmpty();
    }

    @Test
    void open_ofTruncatedFile_findsNothing() throws Exception {
        Path file = written();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 3));

        assertThat(TokenFile.open(file)).isEmpty();
    }

    @Test
    void write_thatFails_leavesNoFile() {
        Path file = temporary.resolve("failed");

        assertThatThrownBy(() ->
                        TokenFile.write(
                                file,
                                sink -> {
                                    sink.add(SEQUENCES.getFirst());
                                    throw new IllegalStateException("no more");
                                }))
                .hasMessage("no more");
        assertThat(file).doesNotExist();
    }
}
