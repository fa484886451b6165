package dev.tailor.eval.ifeval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// No verifier takes longer than 5 ms for a response of 2,000 words, and none explodes on text that
/// is made to make a regular expression explode. A verdict looks at up to eight variants of the
/// response. Processor time is measured, the best of several, and three times the aim is allowed,
/// so that a slow or busy machine does not fail; a regular expression that backtracks takes
/// seconds.
class VerifierSpeedTest {
    private static final double MOST_MILLISECONDS = 15;
    private static final int VARIANTS = 8;
    private static final int SIZE = 12_000;

    private final List<Instruction> instructions = instructions();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    @Test
    void verify_responseOf2000Words_takesMilliseconds() {
        String sentence =
                "The *old* mill stands by [the river], said Dr. Weber; \"nobody\" CAN'T buy it"
                        + " today (he tried)!\n- Section 1 ";
        String text = sentence.repeat(105);
        assertThat(text.split("\\s+")).hasSizeGreaterThan(2000);
        assertThat(slowest(text, MOST_MILLISECONDS * VARIANTS)).isEmpty();
    }

    @Test
    void verify_hostileText_takesTimeInProportionToItsLength() {
        List<Function<Integer, String>> hostile =
                List.of(
                        n -> "[".repeat(n),
                        n -> "<".repeat(n),
                        n -> "<<a".repeat(n / 3),
                        n -> "*".repeat(n),
                        n -> "**a\n".repeat(n / 4),
                        n -> "\n".repeat(n),
                        n -> "\n ".repeat(n / 2) + "x",
                        n -> ".".repeat(n),
                        n -> ". ".repeat(n / 2) + "x",
                        n -> "a!b?".repeat(n / 4),
                        n -> "a." + " ".repeat(n) + "x",
                        n -> "'".repeat(n),
                        n -> "\"' ".repeat(n / 3),
                        n -> ")".repeat(n) + ".",
                        n -> "-".repeat(n) + "a",
                        n -> "a@".repeat(n / 2),
                        n -> "`".repeat(n),
                        n -> "{\"a\":".repeat(n / 5),
                        n -> "Section".repeat(n / 7),
                        n -> "p.".repeat(n / 2));
        List<String> slow = new ArrayList<>();
        for (Function<Integer, String> text : hostile) {
            slow.addAll(slowest(text.apply(SIZE), MOST_MILLISECONDS * VARIANTS));
        }
        assertThat(slow).isEmpty();
    }

    private List<String> slowest(String text, double most) {
        Response response = Response.of(text);
        List<String> slow = new ArrayList<>();
        for (Instruction instruction : instructions) {
            double best = Double.MAX_VALUE;
            for (int i = 0; i < 12 && best > most / 3; i++) {
                long start = threads.getCurrentThreadCpuTime();
                instruction.verify(response);
                best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / 1e6);
            }
            if (best > most) {
                slow.add(
                        "%s: %.1f ms on %s"
                                .formatted(instruction.id(), best, text.substring(0, 9)));
            }
        }
        return slow;
    }

    /// One of each kind, with arguments that no text here follows, so that all variants are looked
    /// at.
    private static List<Instruction> instructions() {
        Map<String, Map<String, Object>> arguments = new LinkedHashMap<>();
        Instruction.ids().forEach(id -> arguments.put(id, Map.of()));
        arguments.put("keywords:existence", Map.of("keywords", List.of("absent", "missing")));
        arguments.put("keywords:frequency", many("frequency", "relation", "keyword", "absent"));
        arguments.put("keywords:forbidden_words", Map.of("forbidden_words", List.of("river", "p")));
        arguments.put(
                "keywords:letter_frequency", many("let_frequency", "let_relation", "letter", "z"));
        arguments.put("language:response_language", Map.of("language", "sw"));
        arguments.put("length_constraints:number_sentences", many("num_sentences", "relation"));
        arguments.put("length_constraints:number_paragraphs", Map.of("num_paragraphs", 99));
        arguments.put("length_constraints:number_words", many("num_words", "relation"));
        arguments.put(
                "length_constraints:nth_paragraph_first_word",
                Map.of("num_paragraphs", 1, "nth_paragraph", 1, "first_word", "absent"));
        arguments.put("detectable_content:number_placeholders", Map.of("num_placeholders", 99_999));
        arguments.put("detectable_content:postscript", Map.of("postscript_marker", "P.P.S"));
        arguments.put("detectable_format:number_bullet_lists", Map.of("num_bullets", 99_999));
        arguments.put(
                "detectable_format:number_highlighted_sections", Map.of("num_highlights", 99_999));
        arguments.put(
                "detectable_format:multiple_sections",
                Map.of("section_spliter", "Section", "num_sections", 99_999));
        arguments.put("combination:repeat_prompt", Map.of("prompt_to_repeat", "Absent"));
        arguments.put("startend:end_checker", Map.of("end_phrase", "absent"));
        arguments.put(
                "change_case:capital_word_frequency",
                many("capital_frequency", "capital_relation"));
        return arguments.entrySet().stream()
                .map(entry -> Instruction.of(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Map<String, Object> many(String count, String relation) {
        return Map.of(count, 99_999, relation, "at least");
    }

    private static Map<String, Object> many(
            String count, String relation, String name, String value) {
        return Map.of(count, 99_999, relation, "at least", name, value);
    }
}
