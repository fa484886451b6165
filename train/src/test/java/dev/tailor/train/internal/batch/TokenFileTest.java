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
                    new Sequence(new int[] {4, 70_001, 5}, new float[] {0, 0.5f, 1}),
                    new Sequence(new int[] {6, 7}, new float[] {0, 3}, false),
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
            assertThat(tokens.sequences()).isEqualTo(SEQUENCES.size());
            assertThat(tokens.note()).isEqualTo("a note: ü");
            for (int i = 0; i < SEQUENCES.size(); i++) {
                assertThat(tokens.sequence(i).tokens()).isEqualTo(SEQUENCES.get(i).tokens());
                assertThat(tokens.sequence(i).weights()).isEqualTo(SEQUENCES.get(i).weights());
                assertThat(tokens.sequence(i).wanted()).isEqualTo(SEQUENCES.get(i).wanted());
                assertThat(tokens.length(i)).isEqualTo(SEQUENCES.get(i).tokens().length);
            }
        }
    }

    @Test
    void file_withoutWeights_takesFourBytesAToken() throws Exception {
        Path file = temporary.resolve("plain");
        boolean[] trained = new boolean[1000];
        trained[7] = true;
        TokenFile.write(
                file,
                sink -> {
                    sink.add(new Sequence(new int[1000], trained));
                    return "";
                });

        assertThat(Files.size(file)).isEqualTo(4 * 1000 + 4 * 8);
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
