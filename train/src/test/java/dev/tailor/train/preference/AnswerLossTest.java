package dev.tailor.train.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.train.preference.AnswerLoss.AnswerTerm;

import org.junit.jupiter.api.Test;

import java.util.List;

class AnswerLossTest {
    private static final AnswerLoss KTO = new AnswerLoss.Kto();

    @Test
    void kto_isHalfWhereTheAnswerMovedAsFarAsAll() {
        assertThat(KTO.term(1.5, true, 0.1, 1.5).loss()).isEqualTo(0.5);
        assertThat(KTO.term(1.5, false, 0.1, 1.5).loss()).isEqualTo(0.5);
    }

    @Test
    void kto_rewardsWantedAndPunishesUnwantedAnswers() {
        // 1 - s(0.5 (3 - 1)) and 1 - s(0.5 (1 - 3))
        assertThat(KTO.term(3, true, 0.5, 1).loss()).isCloseTo(0.26894142, within(1e-8));
        assertThat(KTO.term(3, false, 0.5, 1).loss()).isCloseTo(0.73105858, within(1e-8));
    }

    @Test
    void apoZero_overBothAnswers_isThePairedLoss() {
        AnswerLoss loss = new AnswerLoss.ApoZero();
        for (Pair pair : GoldenPairs.read()) {
            double both =
                    loss.term(pair.chosen().logRatio(), true, 0.1, 0).loss()
                            + loss.term(pair.rejected().logRatio(), false, 0.1, 0).loss();

            double paired = new RewardLoss.ApoZero().term(pair, new Scale(0.1, 1, 1)).loss();
            assertThat(both).isCloseTo(paired, within(1e-12));
        }
    }

    @Test
    void slopes_areThoseOfTheLoss() {
        double step = 1e-5;
        for (AnswerLoss loss : List.of(KTO, new AnswerLoss.ApoZero())) {
            for (double u : new double[] {-40, -2, 0, 0.3, 9}) {
                for (boolean wanted : new boolean[] {true, false}) {
                    AnswerTerm term = loss.term(u, wanted, 0.4, 0.7);
                    double slope =
                            (loss.term(u + step, wanted, 0.4, 0.7).loss()
                                            - loss.term(u - step, wanted, 0.4, 0.7).loss())
                                    / (2 * step);
                    assertThat(term.slope()).isCloseTo(slope, within(1e-9));
                }
            }
        }
    }
}
