package dev.tailor.eval.ifeval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

class InstructionTest {
    @Test
    void verify_extraFirstLine_isFollowedLooselyOnly() {
        Instruction json = Instruction.of("detectable_format:json_format", Map.of());
        assertThat(json.verify("Here it is:\n{\"a\": 1}")).isEqualTo(new Verdict(false, true));
        assertThat(json.verify("{\"a\": 1}")).isEqualTo(new Verdict(true, true));
        assertThat(json.verify("Here\nit\nis")).isEqualTo(new Verdict(false, false));
    }

    @Test
    void verify_blankResponse_followsNothing() {
        Instruction noComma = Instruction.of("punctuation:no_comma", Map.of());
        assertThat(noComma.verify(" \n")).isEqualTo(new Verdict(false, false));
        assertThat(noComma.verify("")).isEqualTo(new Verdict(false, false));
    }

    @Test
    void of_nullArguments_countAsAbsent() {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("num_bullets", 1);
        arguments.put("keyword", null);
        assertThat(Instruction.of("detectable_format:number_bullet_lists", arguments).verify("* a"))
                .isEqualTo(new Verdict(true, true));
    }

    @Test
    void letterFrequency_characterThatIsNoLetter_isCountedItself() {
        Instruction marks =
                Instruction.of(
                        "keywords:letter_frequency",
                        Map.of("letter", "#", "let_frequency", 2, "let_relation", "at least"));
        assertThat(marks.verify("#a #b").strict()).isTrue();
        assertThat(marks.verify("#a").strict()).isFalse();
    }

    @Test
    void of_unknownId_suggestsTheNearest() {
        assertRefused(
                "keywords:existance",
                Map.of(),
                "there is no instruction 'keywords:existance'",
                "did you mean 'keywords:existence'?");
    }

    @Test
    void of_missingArgument_saysWhatIsNeeded() {
        assertRefused(
                "length_constraints:number_words",
                Map.of("num_words", 5),
                "'length_constraints:number_words' needs 'relation', 'less than' or 'at least'",
                "");
        assertRefused(
                "length_constraints:number_words",
                Map.of("num_words", -1, "relation", "at least"),
                "'length_constraints:number_words' needs 'num_words', a whole number from 0 on, and"
                        + " has -1",
                "");
    }

    @Test
    void of_unknownArgument_suggestsTheNearest() {
        assertRefused(
                "detectable_format:number_bullet_lists",
                Map.of("num_bullets", 1, "num_bulets", 2),
                "'detectable_format:number_bullet_lists' takes no argument 'num_bulets'",
                "did you mean 'num_bullets'?");
    }

    @Test
    void of_keywordThatIsNoRegularExpression_isRefused() {
        assertRefused(
                "keywords:existence",
                Map.of("keywords", List.of("a(")),
                "the keyword 'a(' is not a regular expression: Unclosed group",
                "");
    }

    @Test
    void verify_keywordThatBacktracksWithoutEnd_isRefused() {
        Instruction hostile =
                Instruction.of(
                        "keywords:existence",
                        Map.of("keywords", List.of("(.*)(.*)(.*)(.*)(.*)(.*)b")));
        assertThatThrownBy(() -> hostile.verify("a".repeat(200)))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e ->
                                assertThat(e.getMessage())
                                        .isEqualTo(
                                                "looking for the keyword"
                                                        + " '(.*)(.*)(.*)(.*)(.*)(.*)b' takes too"
                                                        + " long"));
    }

    private static void assertRefused(
            String id, Map<String, Object> arguments, String message, String remedy) {
        assertThatThrownBy(() -> Instruction.of(id, arguments))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID);
                            assertThat(e.getMessage()).isEqualTo(message);
                            assertThat(e.remedy().orElse("")).isEqualTo(remedy);
                        });
    }
}
