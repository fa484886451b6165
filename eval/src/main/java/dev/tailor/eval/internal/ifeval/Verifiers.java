package dev.tailor.eval.internal.ifeval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/// The instructions by their ids.
public final class Verifiers {
    private static final Map<String, Function<Arguments, Predicate<String>>> BY_ID = table();

    private Verifiers() {}

    private static Map<String, Function<Arguments, Predicate<String>>> table() {
        Map<String, Function<Arguments, Predicate<String>>> table = new LinkedHashMap<>();
        table.put("keywords:existence", Keywords::existence);
        table.put("keywords:frequency", Keywords::frequency);
        table.put("keywords:forbidden_words", Keywords::forbidden);
        table.put("keywords:letter_frequency", Keywords::letterFrequency);
        table.put("language:response_language", Wording::language);
        table.put("length_constraints:number_sentences", Lengths::sentences);
        table.put("length_constraints:number_paragraphs", Lengths::paragraphs);
        table.put("length_constraints:number_words", Lengths::words);
        table.put("length_constraints:nth_paragraph_first_word", Lengths::firstWord);
        table.put("detectable_content:number_placeholders", Formats::placeholders);
        table.put("detectable_content:postscript", Formats::postscript);
        table.put("detectable_format:number_bullet_lists", Formats::bullets);
        table.put("detectable_format:constrained_response", Formats::constrained);
        table.put("detectable_format:number_highlighted_sections", Formats::highlights);
        table.put("detectable_format:multiple_sections", Formats::sections);
        table.put("detectable_format:json_format", Formats::json);
        table.put("detectable_format:title", Formats::title);
        table.put("combination:two_responses", Wording::twoResponses);
        table.put("combination:repeat_prompt", Wording::repeatPrompt);
        table.put("startend:end_checker", Wording::endsWith);
        table.put("startend:quotation", Wording::quotation);
        table.put("change_case:capital_word_frequency", Wording::capitalWords);
        table.put("change_case:english_capital", Wording::englishCapital);
        table.put("change_case:english_lowercase", Wording::englishLowercase);
        table.put("punctuation:no_comma", Wording::noComma);
        return Collections.unmodifiableMap(table);
    }

    /// The ids, in the order of the manual.
    public static List<String> ids() {
        return List.copyOf(BY_ID.keySet());
    }

    /// What tells whether a response that is not blank follows an instruction.
    ///
    /// @throws TailorException DATA_INVALID for an id that is not known, and for arguments that are
    ///   missing, wrong or unknown
    public static Predicate<String> of(String id, Map<String, ? extends Object> values) {
        Function<Arguments, Predicate<String>> make = BY_ID.get(id);
        if (make == null) {
            throw TailorException.of(ErrorCode.DATA_INVALID, "there is no instruction '" + id + "'")
                    .remedy(Suggestion.advice(id, BY_ID.keySet()));
        }
        Arguments arguments = new Arguments(id, values);
        Predicate<String> verifier = make.apply(arguments);
        arguments.checkAllAsked();
        return verifier;
    }

    /// A text without the white space around it, as Python's `strip` takes it off.
    public static String strip(String text) {
        return PythonText.strip(text);
    }

    /// Whether a text is nothing but white space, as Python sees it.
    public static boolean isBlank(String text) {
        return PythonText.isBlank(text);
    }
}
