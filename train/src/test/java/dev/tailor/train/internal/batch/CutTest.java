package dev.tailor.train.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

class CutTest {
    private static Sequence numbered(int length) {
        return Sequence.whole(IntStream.range(0, length).toArray());
    }

    /// `context` tokens that are read, then `learnt` ones, then `tail` that are not learnt.
    private static Sequence answer(int context, int learnt, int tail) {
        boolean[] trained = new boolean[context + learnt + tail];
        java.util.Arrays.fill(trained, context, context + learnt, true);
        return new Sequence(IntStream.range(0, trained.length).toArray(), trained);
    }

    @Test
    void pieces_predictEveryTokenButTheFirstOnce() {
        for (int length = 2; length < 30; length++) {
            List<Integer> predicted = new ArrayList<>();
            for (Sequence piece : Cut.pieces(numbered(length), 8)) {
                assertThat(piece.tokens().length).isBetween(2, 9);
                IntStream.range(1, piece.tokens().length)
                        .forEach(i -> predicted.add(piece.tokens()[i]));
            }
            assertThat(predicted).isEqualTo(IntStream.range(1, length).boxed().toList());
        }
    }

    @Test
    void truncated_whatFits_losesOnlyItsUnlearntTail() {
        Encoded encoded = Cut.truncated(answer(3, 4, 2), 8);

        assertThat(encoded.truncated()).isFalse();
        assertThat(encoded.sequences().getFirst().tokens()).hasSize(7);
    }

    @Test
    void truncated_ofOneTokenMoreThanPositions_fits() {
        assertThat(Cut.truncated(numbered(9), 8).truncated()).isFalse();
        assertThat(Cut.truncated(numbered(10), 8).truncated()).isTrue();
        assertThat(Cut.truncated(numbered(10), 8).sequences().getFirst().tokens()).hasSize(9);
    }

    @Test
    void truncated_whenTheAnswerIsCutOff_isDropped() {
        assertThat(Cut.truncated(answer(9, 4, 0), 8).dropped())
                .hasValue("what is to be learnt lies beyond the sequence length");
        assertThat(Cut.truncated(answer(8, 4, 0), 8).truncated()).isTrue();
    }

    @Test
    void truncated_withNothingToLearn_isDropped() {
        assertThat(Cut.truncated(answer(5, 0, 0), 8).dropped())
                .hasValue("nothing in it is to be learnt");
        assertThat(Cut.truncated(numbered(1), 8).dropped()).isPresent();
        assertThat(Cut.truncated(numbered(0), 8).dropped()).isPresent();
    }

    @Test
    void pair_ofEqualAnswers_isDropped() {
        assertThat(Cut.pair(answer(2, 3, 0), answer(2, 3, 0), 8).dropped()).isPresent();
        assertThat(Cut.pair(answer(2, 3, 0), answer(2, 4, 0), 8).sequences()).hasSize(2);
        assertThat(Cut.pair(answer(2, 3, 0), answer(9, 4, 0), 8).dropped()).isPresent();
    }
}
