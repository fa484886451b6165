package dev.tailor.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Which parameters learn, as patterns that are searched for in their names (regular expressions).
///
/// @param everywhere patterns that stand before all types
/// @param byType the chosen modules of each type, best first
public record SpectrumSelection(List<String> everywhere, Map<String, List<String>> byType) {
    /// The reference tool always lets the output head and the embedding learn.
    private static final List<String> HEAD_AND_EMBEDDING =
            List.of("^lm_head.weight$", "^model.embed_tokens.weight$");

    public SpectrumSelection {
        everywhere = List.copyOf(everywhere);
        byType = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(byType));
    }

    /// A selection of modules, with output head and embedding.
    public static SpectrumSelection of(Map<String, List<String>> byType) {
        return new SpectrumSelection(HEAD_AND_EMBEDDING, byType);
    }

    /// All patterns.
    public List<String> patterns() {
        List<String> patterns = new ArrayList<>(everywhere);
        byType.values().forEach(patterns::addAll);
        return patterns;
    }

    /// What the user should know: of a type of few layers the share may be less than one, and
    /// nothing of it is chosen then.
    public Optional<String> remark() {
        List<String> without =
                byType.entrySet().stream()
                        .filter(entry -> entry.getValue().isEmpty())
                        .map(Map.Entry::getKey)
                        .toList();
        return without.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "the share is less than one layer, so none is chosen, of "
                                + String.join(", ", without));
    }

    /// Whether a parameter of that name learns.
    public Predicate<String> trainable() {
        List<Pattern> patterns = patterns().stream().map(Pattern::compile).toList();
        return name -> patterns.stream().anyMatch(pattern -> pattern.matcher(name).find());
    }
}
