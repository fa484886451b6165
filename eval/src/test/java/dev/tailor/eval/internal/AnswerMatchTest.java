package dev.tailor.eval.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AnswerMatchTest {
    @Test
    void exactMatch_differsInCaseArticlesAndPunctuation_matches() {
        assertThat(AnswerMatch.exactMatch("The  Answer, is: 42.", "answer is 42")).isEqualTo(1);
        assertThat(AnswerMatch.exactMatch("forty-two", "forty two")).isEqualTo(0);
    }

    @Test
    void tokenF1_partialOverlap_isHarmonicMean() {
        // 2 common of 3 predicted and 4 expected: precision 2/3, recall 1/2.
        assertThat(AnswerMatch.tokenF1("red green blue", "red green yellow black"))
                .isCloseTo(4.0 / 7, within(1e-12));
    }

    @Test
    void tokenF1_repeatedWord_countsOnlyAsOftenAsInReference() {
        assertThat(AnswerMatch.tokenF1("go go go", "go west")).isCloseTo(0.4, within(1e-12));
    }

    @Test
    void tokenF1_emptyTexts_agree() {
        assertThat(AnswerMatch.tokenF1("", "")).isEqualTo(1);
        assertThat(AnswerMatch.tokenF1("", "word")).isEqualTo(0);
    }

    @Test
    void rougeL_wordOrderDiffers_countsLongestCommonSubsequence() {
        // Lin (2004): "police killed the gunman" against "police kill the gunman": 3 of 4 and 4.
        assertThat(AnswerMatch.rougeL("police kill the gunman", "police killed the gunman"))
                .isCloseTo(0.75, within(1e-12));
        assertThat(AnswerMatch.rougeL("the gunman kill police", "police killed the gunman"))
                .isCloseTo(0.5, within(1e-12));
    }

    @Test
    void rougeL_otherScripts_compareByLetters() {
        assertThat(AnswerMatch.rougeL("Стоимость — 5 евро", "стоимость 5 евро")).isEqualTo(1);
    }
}
