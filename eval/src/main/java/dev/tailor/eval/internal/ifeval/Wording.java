package dev.tailor.eval.internal.ifeval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/// Instructions about the response as a whole: its language, its case, how it begins and ends.
final class Wording {
    private static final String SIX_ASTERISKS = "******";

    private Wording() {}

    static Predicate<String> language(Arguments arguments) {
        String language = arguments.text("language");
        return response -> isIn(language, response);
    }

    /// Text that no language can be told of counts as followed, as in the reference.
    private static boolean isIn(String language, String response) {
        Optional<String> detected = LanguageDetection.of(response);
        return detected.isEmpty() || detected.get().equals(language);
    }

    static Predicate<String> twoResponses(Arguments arguments) {
        return response -> {
            List<String> answers = new ArrayList<>();
            List<String> parts = parts(response);
            for (int i = 0; i < parts.size(); i++) {
                String part = PythonText.strip(parts.get(i));
                if (!part.isEmpty()) {
                    answers.add(part);
                } else if (i > 0 && i < parts.size() - 1) {
                    return false;
                }
            }
            return answers.size() == 2 && !answers.get(0).equals(answers.get(1));
        };
    }

    private static List<String> parts(String response) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        int at = response.indexOf(SIX_ASTERISKS);
        while (at >= 0) {
            parts.add(response.substring(from, at));
            from = at + SIX_ASTERISKS.length();
            at = response.indexOf(SIX_ASTERISKS, from);
        }
        parts.add(response.substring(from));
        return parts;
    }

    static Predicate<String> repeatPrompt(Arguments arguments) {
        String prompt = lower(PythonText.strip(arguments.text("prompt_to_repeat")));
        return response -> lower(PythonText.strip(response)).startsWith(prompt);
    }

    static Predicate<String> endsWith(Arguments arguments) {
        String phrase = lower(PythonText.strip(arguments.text("end_phrase")));
        return response ->
                lower(PythonText.strip(PythonText.strip(response), '"')).endsWith(phrase);
    }

    static Predicate<String> quotation(Arguments arguments) {
        return response -> {
            String text = PythonText.strip(response);
            return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
        };
    }

    static Predicate<String> capitalWords(Arguments arguments) {
        int bound = arguments.count("capital_frequency");
        Relation relation = arguments.relation("capital_relation");
        return response -> {
            int count = 0;
            for (String word : TreebankWords.of(response)) {
                count += PythonText.isUpper(word) ? 1 : 0;
            }
            return relation.holds(count, bound);
        };
    }

    static Predicate<String> englishCapital(Arguments arguments) {
        return response -> PythonText.isUpper(response) && isIn("en", response);
    }

    static Predicate<String> englishLowercase(Arguments arguments) {
        return response -> PythonText.isLower(response) && isIn("en", response);
    }

    static Predicate<String> noComma(Arguments arguments) {
        return response -> response.indexOf(',') < 0;
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
