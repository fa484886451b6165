package dev.tailor.eval.internal.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.YamlNode;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/// Twins in Java of the Python functions that well-known task files name. A function is known by
/// the folder of the file it stands in, its module and its name: `hellaswag/utils.process_docs`.
public final class Twins {
    /// What a row becomes.
    private static final Map<String, Function<Map<String, Object>, Object>> ROWS = new TreeMap<>();

    /// The functions that grade a sample, which [Grading] knows.
    private static final Map<String, Grader> GRADERS =
            Map.of(
                    "truthfulqa/utils.process_results_mc2", Grader.TRUE_SHARE,
                    "wikitext/preprocess_wikitext.process_results", Grader.PAGE_PERPLEXITY);

    /// How a twin grades a sample.
    public enum Grader {
        /// The share of probability on the true answers.
        TRUE_SHARE,
        /// Perplexity by the words and bytes of the column `page`.
        PAGE_PERPLEXITY
    }

    static {
        TwinFunctions.addTo(ROWS);
    }

    private Twins() {}

    /// The key of the function that a tagged scalar names.
    public static String key(YamlNode node) {
        Path folder = node.location().file().toAbsolutePath().getParent();
        String text = node instanceof YamlNode.Scalar scalar ? scalar.text() : "";
        return (folder == null ? "" : folder.getFileName()) + "/" + text;
    }

    /// Whether there is a twin.
    public static boolean has(String key) {
        return ROWS.containsKey(key) || GRADERS.containsKey(key);
    }

    /// The names of all functions that have a twin.
    public static java.util.List<String> names() {
        java.util.Set<String> names = new java.util.TreeSet<>(ROWS.keySet());
        names.addAll(GRADERS.keySet());
        return java.util.List.copyOf(names);
    }

    /// What grades a sample instead of the usual way.
    public static java.util.Optional<Grader> grader(String key) {
        return java.util.Optional.ofNullable(GRADERS.get(key));
    }

    /// What the function makes of a row.
    ///
    /// @throws TailorException `DATA_INVALID` if the row lacks what the function needs
    public static Object apply(String key, Map<String, Object> row) {
        try {
            return Objects.requireNonNull(ROWS.get(key), key).apply(row);
        } catch (ClassCastException | IndexOutOfBoundsException | NumberFormatException e) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "the row is not what " + key + " expects: " + e.getMessage())
                    .causedBy(e);
        }
    }
}
