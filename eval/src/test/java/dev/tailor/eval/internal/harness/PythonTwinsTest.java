package dev.tailor.eval.internal.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;
import dev.tailor.eval.harness.FilterSpec;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/// Expected values are what CPython 3.12 gives for the same calls.
class PythonTwinsTest {
    private static final List<Integer> SAMPLE_10_3 = List.of(7, 1, 0);
    private static final List<Integer> SAMPLE_100_6 = List.of(99, 56, 14, 0, 11, 74);
    private static final List<Integer> SAMPLE_5000_5 = List.of(3610, 957, 61, 742, 4769);
    private static final List<Integer> SAMPLE_1319_9 =
            List.of(902, 239, 15, 185, 1192, 71, 171, 201, 726);
    private static final int[] CHOICES = {323, 150, 650, 72, 535, 365};

    @Test
    void sample_drawsWhatPythonDraws() {
        assertThat(new PythonRandom(1234).sample(10, 3)).isEqualTo(SAMPLE_10_3);
        assertThat(new PythonRandom(1234).sample(100, 6)).isEqualTo(SAMPLE_100_6);
        assertThat(new PythonRandom(1234).sample(5000, 5)).isEqualTo(SAMPLE_5000_5);
        assertThat(new PythonRandom(1234).sample(1319, 9)).isEqualTo(SAMPLE_1319_9);
    }

    @Test
    void choices_drawWhatPythonDraws() {
        int[] drawn = new int[6];
        new PythonRandom(7).choices(1000, drawn);
        assertThat(drawn).containsExactly(CHOICES);
    }

    @Test
    void literals_areReadAsPythonReadsThem() {
        assertThat(PythonLiteral.read("['it\\'s', \"a\\n\", 3, -1.5, True]"))
                .contains(List.of("it's", "a\n", 3L, -1.5, true));
        assertThat(PythonLiteral.read("('a', 'b',)")).contains(List.of("a", "b"));
        assertThat(PythonLiteral.read("{'a': [1]}")).contains(Map.of("a", List.of(1L)));
        assertThat(PythonLiteral.read("'a' 'b'")).contains("ab");
        for (String none : List.of("", "[1", "['a' b]", "__import__('os')", "[1]]", "\"x")) {
            assertThat(PythonLiteral.read(none)).as(none).isEmpty();
        }
    }

    @Test
    void regex_isReadInPythonsSpelling() {
        assertThat(PythonRegex.compile("(?P<n>[0-9]+)\\Z").findAll("a1 22"))
                .isEqualTo(List.of(List.of("22")));
        assertThat(PythonRegex.compile("\\\\boxed{([^}]*)}").findAll("\\boxed{4}"))
                .isEqualTo(List.of(List.of("4")));
        assertThat(PythonRegex.compile("[[(]a").findAll("[a (a")).hasSize(2);
    }

    @Test
    void regex_thatNeverEnds_isStopped() {
        assertThatThrownBy(() -> PythonRegex.compile("(a|aa)+\\1?b").findAll("a".repeat(90)))
                .isInstanceOf(TailorException.class)
                .hasMessageContaining("takes too long");
    }

    @Test
    void regexFilter_selectsAndFallsBack() {
        FilterSpec last =
                filter(
                        "regex",
                        Map.of(
                                "regex_pattern",
                                "(-?[$0-9.,]{2,})|(-?[0-9]+)",
                                "group_select",
                                -1L));
        assertThat(Answers.filtered(last, List.of("of 12 it is 7"), List.of()))
                .containsExactly("7");
        assertThat(Answers.filtered(last, List.of("none"), List.of())).containsExactly("[invalid]");
    }

    @Test
    void majority_isTheFirstOfTheMostFrequent() {
        FilterSpec vote = filter("majority_vote", Map.of());
        assertThat(Answers.filtered(vote, List.of("b", "a", "a", "b", "c"), List.of()))
                .containsExactly("b");
    }

    @Test
    void letters_areFoundByPatternThenByTextThenAfterAColon() {
        FilterSpec letters =
                filter(
                        "multi_choice_regex",
                        Map.of("regex_pattern", "(\\([A-Z]\\))", "ignore_case", true));
        List<String> choices = List.of("Red (dark)", "Blue");
        assertThat(
                        Answers.filtered(
                                letters,
                                List.of("It is (B).", "surely red (dark)", "Answer: B", "no"),
                                choices))
                .containsExactly("(B)", "(A)", "(B)", "[invalid]");
    }

    @Test
    void figures_followTheirFormulas() {
        double[][] pairs = {{1, 1}, {0, 1}, {1, 0}, {0, 0}, {1, 1}};
        assertThat(Aggregation.F1.value(pairs)).isEqualTo(4.0 / 6);
        assertThat(Aggregation.MATTHEWS.value(pairs)).isCloseTo(1.0 / 6, within(1e-12));
        double[][] values = {{1}, {0}, {1}, {1}};
        assertThat(Aggregation.MEAN.standardError(values, 1000).orElseThrow()).isEqualTo(0.25);
        assertThat(Aggregation.WEIGHTED_PERPLEXITY.value(new double[][] {{-2, 1}, {-4, 2}}))
                .isCloseTo(Math.exp(2), within(1e-12));
    }

    private static org.assertj.core.data.Offset<Double> within(double offset) {
        return org.assertj.core.data.Offset.offset(offset);
    }

    private static FilterSpec filter(String function, Map<String, Object> arguments) {
        return new FilterSpec("f", List.of(new FilterSpec.Step(function, arguments)));
    }
}
