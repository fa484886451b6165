package dev.tailor.train.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

class LeakageTest {
    @TempDir private Path directory;

    private TokenFile file(String name, List<Sequence> sequences) {
        Path path = directory.resolve(name);
        TokenFile.write(
                path,
                sink -> {
                    sequences.forEach(sink::add);
                    return "";
                });
        return TokenFile.open(path).orElseThrow();
    }

    /// Tokens that count up, the first `context` of them only read.
    private static Sequence counting(int from, int length, int context) {
        int[] tokens = IntStream.range(from, from + length).toArray();
        boolean[] trained = new boolean[length];
        java.util.Arrays.fill(trained, context, length, true);
        return new Sequence(tokens, trained);
    }

    private Leakage leakage(List<Sequence> training, List<Sequence> heldOut) {
        try (TokenFile learnt = file("training", training);
                TokenFile held = file("held-out", heldOut)) {
            return Leakage.of(learnt, held);
        }
    }

    @Test
    void copiesAndPassages_areFound_othersAreNot() {
        List<Sequence> training =
                IntStream.range(0, 300).mapToObj(i -> counting(1000 * i, 500, 0)).toList();

        assertThat(
                        leakage(
                                training,
                                List.of(
                                        counting(5000, 500, 0),
                                        counting(7100, 40, 0),
                                        counting(7470, 100, 0),
                                        counting(2600, 300, 0))))
                .isEqualTo(new Leakage(2, 4));
    }

    @Test
    void sharedContext_isNoFinding() {
        assertThat(
                        leakage(
                                List.of(counting(0, 60, 30)),
                                List.of(counting(0, 30, 30), counting(30, 30, 0))))
                .isEqualTo(new Leakage(1, 2));
    }

    @Test
    void shortSequences_areComparedAsAWhole() {
        assertThat(
                        leakage(
                                List.of(counting(0, 8, 4), counting(20, 8, 4)),
                                List.of(counting(20, 8, 4), counting(1, 8, 4))))
                .isEqualTo(new Leakage(1, 2));
    }
}
