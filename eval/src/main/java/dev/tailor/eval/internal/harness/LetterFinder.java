package dev.tailor.eval.internal.harness;

import dev.tailor.eval.harness.FilterSpec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Finds which choice an answer names: by a pattern, else by the text of a choice, else by a bare
/// letter after a colon.
final class LetterFinder {
    private static final Pattern PUNCTUATION = Pattern.compile("\\p{P}");

    private final FilterSpec.Step step;
    private final PythonRegex pattern;
    private final PythonRegex choiceTexts;
    private final PythonRegex bareLetters;
    private final Map<String, String> letterOfText = new LinkedHashMap<>();

    LetterFinder(FilterSpec.Step step, PythonRegex pattern, List<String> choices) {
        this.step = step;
        this.pattern = pattern;
        List<String> texts = new ArrayList<>();
        List<String> letters = new ArrayList<>();
        char letter = 'A';
        for (String choice : choices) {
            String text = overlooked(Answers.stripped(choice));
            texts.add(text.replaceAll("([^A-Za-z0-9_\\s])", "\\\\$1"));
            letters.add(String.valueOf(letter));
            letterOfText.put(text, "(" + letter + ")");
            letter++;
        }
        this.choiceTexts = PythonRegex.compile(String.join("|", texts));
        this.bareLetters = PythonRegex.compile(":[\\s]*(" + String.join("|", letters) + ")");
    }

    String letter(String answer) {
        String match = match(pattern, answer);
        if (match.isEmpty()) {
            String text = match(choiceTexts, overlooked(answer));
            match = letterOfText.getOrDefault(text, text);
        }
        if (match.isEmpty()) {
            String letter = match(bareLetters, answer);
            match = letter.isEmpty() ? "" : "(" + letter + ")";
        }
        return match.isEmpty() ? Answers.fallback(step) : match;
    }

    private String match(PythonRegex regex, String text) {
        List<List<String>> matches = regex.findAll(text);
        int select = step.integer("group_select", 0);
        int index = select < 0 ? matches.size() + select : select;
        if (index < 0 || index >= matches.size()) {
            return "";
        }
        return matches.get(index).stream()
                .filter(group -> !group.isEmpty())
                .findFirst()
                .map(Answers::stripped)
                .orElse("");
    }

    private String overlooked(String text) {
        String left = text;
        for (String regex : step.texts("regexes_to_ignore")) {
            left = PythonRegex.compile(regex).remove(left);
        }
        if (step.truth("ignore_case")) {
            left = left.toLowerCase(Locale.ROOT);
        }
        return step.truth("ignore_punctuation") ? PUNCTUATION.matcher(left).replaceAll("") : left;
    }
}
