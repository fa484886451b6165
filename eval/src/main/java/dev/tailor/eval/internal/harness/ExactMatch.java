package dev.tailor.eval.internal.harness;

import dev.tailor.eval.harness.MetricSpec;

import java.util.List;
import java.util.Locale;

/// Whether an answer is a reference, but for what does not count.
public final class ExactMatch {
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private final MetricSpec.Ignore ignore;
    private final List<PythonRegex> removed;

    /// Compares by the rules of a metric.
    public ExactMatch(MetricSpec.Ignore ignore) {
        this.ignore = ignore;
        this.removed = ignore.regexes().stream().map(PythonRegex::compile).toList();
    }

    /// Whether both are the same text.
    public boolean holds(String answer, String reference) {
        return counting(answer).equals(counting(reference));
    }

    private String counting(String text) {
        String left = text;
        for (PythonRegex regex : removed) {
            left = regex.remove(left);
        }
        if (ignore.letterCase()) {
            left = left.toLowerCase(Locale.ROOT);
        }
        if (ignore.punctuation()) {
            left = without(left, PUNCTUATION);
        }
        if (ignore.numbers()) {
            left = without(left, "0123456789");
        }
        // NumPy's arrays of texts end at the last character that is not NUL.
        int end = left.length();
        while (end > 0 && left.charAt(end - 1) == 0) {
            end--;
        }
        return left.substring(0, end);
    }

    private static String without(String text, String characters) {
        StringBuilder left = new StringBuilder(text.length());
        text.chars().filter(c -> characters.indexOf(c) < 0).forEach(c -> left.append((char) c));
        return left.toString();
    }
}
