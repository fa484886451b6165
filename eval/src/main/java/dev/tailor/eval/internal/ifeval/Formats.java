package dev.tailor.eval.internal.ifeval;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Instructions about marks that a program can see: placeholders, bullets, highlights, sections,
/// titles, postscripts, JSON.
final class Formats {
    private static final List<String> CONSTRAINED =
            List.of("My answer is yes.", "My answer is no.", "My answer is maybe.");
    private static final String SPACE = "[" + PythonText.SPACE + "]";
    private static final Pattern PS = Pattern.compile("p\\." + SPACE + "?s\\.");
    private static final Pattern PPS = Pattern.compile("p\\." + SPACE + "?p\\." + SPACE + "?s");

    private Formats() {}

    static Predicate<String> placeholders(Arguments arguments) {
        int bound = arguments.count("num_placeholders");
        return response -> Markup.placeholders(response) >= bound;
    }

    static Predicate<String> postscript(Arguments arguments) {
        String marker = PythonText.strip(arguments.text("postscript_marker"));
        return switch (marker) {
            case "P.S." -> response -> PS.matcher(lower(response)).find();
            case "P.P.S" -> response -> PPS.matcher(lower(response)).find();
            default -> {
                Keyword keyword = Keyword.anywhere(lower(marker));
                yield response -> keyword.isIn(lower(response));
            }
        };
    }

    static Predicate<String> bullets(Arguments arguments) {
        int bound = arguments.count("num_bullets");
        return response -> Markup.asteriskBullets(response) + Markup.dashBullets(response) == bound;
    }

    static Predicate<String> constrained(Arguments arguments) {
        return response -> CONSTRAINED.stream().anyMatch(response::contains);
    }

    static Predicate<String> highlights(Arguments arguments) {
        int bound = arguments.count("num_highlights");
        return response -> Markup.highlights(response) >= bound;
    }

    static Predicate<String> sections(Arguments arguments) {
        String splitter = PythonText.strip(arguments.text("section_spliter"));
        int bound = arguments.count("num_sections");
        Keyword heading = Keyword.heading(splitter);
        return response -> heading.occurrences(response) >= bound;
    }

    static Predicate<String> json(Arguments arguments) {
        return JsonText::isJson;
    }

    static Predicate<String> title(Arguments arguments) {
        return Markup::hasTitle;
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
