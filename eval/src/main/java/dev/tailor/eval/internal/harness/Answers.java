package dev.tailor.eval.internal.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.harness.FilterSpec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Makes the answers to a sample ready to be graded.
public final class Answers {
    /// What a regex finds nothing becomes.
    private static final String INVALID = "[invalid]";

    private static final String NUMBER_AFTER_HASHES = "#### (\\-?[0-9\\.\\,]+)";

    private static final List<String> KNOWN =
            List.of(
                    "regex",
                    "multi_choice_regex",
                    "take_first",
                    "take_first_k",
                    "majority_vote",
                    "lowercase",
                    "uppercase",
                    "remove_whitespace",
                    "map");

    private Answers() {}

    /// Whether there is a filter of that name.
    public static boolean knows(String function) {
        return KNOWN.contains(function);
    }

    /// The answer that a pipeline makes of the answers to one sample.
    ///
    /// @param choices the sample's column `choices`, if it has one
    public static List<String> filtered(
            FilterSpec pipeline, List<String> answers, List<String> choices) {
        List<String> current = answers;
        for (FilterSpec.Step step : pipeline.steps()) {
            current = step(step, current, choices);
        }
        return current;
    }

    private static List<String> step(
            FilterSpec.Step step, List<String> answers, List<String> choices) {
        return switch (step.function()) {
            case "take_first" -> answers.subList(0, 1);
            case "take_first_k" -> {
                int k = step.integer("k", 1);
                if (k < 1 || k > answers.size()) {
                    throw TailorException.of(
                                    ErrorCode.CONFIG_INVALID,
                                    "take_first_k asks for %d of %d answers"
                                            .formatted(k, answers.size()))
                            .remedy("raise 'repeats' in the task");
                }
                yield answers.subList(0, k);
            }
            case "majority_vote" -> List.of(mostFrequent(answers));
            case "lowercase" -> answers.stream().map(a -> a.toLowerCase(Locale.ROOT)).toList();
            case "uppercase" -> answers.stream().map(a -> a.toUpperCase(Locale.ROOT)).toList();
            case "remove_whitespace" -> answers.stream().map(Answers::stripped).toList();
            case "map" -> answers.stream().map(a -> mapped(step, a)).toList();
            case "regex" -> {
                PythonRegex regex = regex(step);
                yield answers.stream().map(a -> found(regex, step, a)).toList();
            }
            case "multi_choice_regex" -> {
                LetterFinder finder = new LetterFinder(step, regex(step), choices);
                yield answers.stream().map(finder::letter).toList();
            }
            default -> throw new IllegalArgumentException("unknown filter " + step.function());
        };
    }

    private static PythonRegex regex(FilterSpec.Step step) {
        return PythonRegex.compile(step.text("regex_pattern", NUMBER_AFTER_HASHES));
    }

    static String fallback(FilterSpec.Step step) {
        return step.text("fallback", INVALID);
    }

    private static String found(PythonRegex regex, FilterSpec.Step step, String answer) {
        List<List<String>> matches = regex.findAll(answer);
        int select = step.integer("group_select", 0);
        int index = select < 0 ? matches.size() + select : select;
        if (matches.isEmpty() || index < 0 || index >= matches.size()) {
            return fallback(step);
        }
        List<String> groups = matches.get(index);
        if (groups.size() == 1) {
            return stripped(groups.getFirst());
        }
        return groups.stream()
                .filter(group -> !group.isEmpty())
                .findFirst()
                .map(Answers::stripped)
                .orElse(fallback(step));
    }

    private static String mapped(FilterSpec.Step step, String answer) {
        Object mapping = step.arguments().get("mapping_dict");
        Object value = mapping instanceof Map<?, ?> map ? map.get(answer) : null;
        if (value == null) {
            value = step.arguments().get("default_value");
        }
        return value == null ? "None" : value.toString();
    }

    private static String mostFrequent(List<String> answers) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        answers.forEach(answer -> counts.merge(answer, 1, Integer::sum));
        String best = answers.getFirst();
        for (Map.Entry<String, Integer> entry : new ArrayList<>(counts.entrySet())) {
            if (entry.getValue() > counts.getOrDefault(best, 0)) {
                best = entry.getKey();
            }
        }
        return best;
    }

    /// Python's `strip`.
    static String stripped(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
