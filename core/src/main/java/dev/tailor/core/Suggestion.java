package dev.tailor.core;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// "Did you mean": the known word nearest to a misspelt one.
public final class Suggestion {
    private Suggestion() {}

    /// The known word with the smallest edit distance, if it is near enough to be meant.
    public static Optional<String> nearest(String word, Collection<String> known) {
        return known.stream()
                .filter(candidate ->
                        distance(word, candidate) <= Math.max(1, candidate.length() / 3))
                .min(
                        Comparator.comparingInt((String candidate) -> distance(word, candidate))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /// Advice for an error message: the nearest word, or all the known ones.
    public static String advice(String word, Collection<String> known) {
        return nearest(word, known)
                .map(candidate -> "did you mean '" + candidate + "'?")
                .orElseGet(() -> "known: " + String.join(", ", known));
    }

    /// Levenshtein distance, case and `-`/`_` ignored.
    private static int distance(String left, String right) {
        String a = left.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        String b = right.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
