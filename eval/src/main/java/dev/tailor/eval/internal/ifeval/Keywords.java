package dev.tailor.eval.internal.ifeval;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/// Instructions about words and letters that must or must not occur.
final class Keywords {
    private Keywords() {}

    static Predicate<String> existence(Arguments arguments) {
        List<Keyword> keywords =
                arguments.texts("keywords").stream().map(Keyword::anywhere).toList();
        return response -> keywords.stream().allMatch(keyword -> keyword.isIn(response));
    }

    static Predicate<String> frequency(Arguments arguments) {
        Keyword keyword = Keyword.anywhere(PythonText.strip(arguments.text("keyword")));
        int frequency = arguments.count("frequency");
        Relation relation = arguments.relation("relation");
        return response -> relation.holds(keyword.occurrences(response), frequency);
    }

    static Predicate<String> forbidden(Arguments arguments) {
        List<Keyword> words =
                arguments.texts("forbidden_words").stream().map(Keyword::wholeWord).toList();
        return response -> words.stream().noneMatch(word -> word.isIn(response));
    }

    /// Where the letter is none of a to z, the reference draws one of them at random; here the
    /// character itself is counted.
    static Predicate<String> letterFrequency(Arguments arguments) {
        String letter = PythonText.strip(arguments.text("letter")).toLowerCase(Locale.ROOT);
        int frequency = arguments.count("let_frequency");
        Relation relation = arguments.relation("let_relation");
        return response ->
                relation.holds(count(response.toLowerCase(Locale.ROOT), letter), frequency);
    }

    private static int count(String text, String part) {
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }
}
