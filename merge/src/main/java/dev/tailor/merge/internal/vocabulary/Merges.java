package dev.tailor.merge.internal.vocabulary;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// The merges of a BPE model, first rank first. Files write a pair as `"a b"` or as `["a", "b"]`.
final class Merges {
    private Merges() {}

    /// Two neighbours that become one token.
    ///
    /// @param product how that token is spelt
    record Pair(String left, String right, String product) {
        boolean consistsOf(Predicate<String> tokens) {
            return tokens.test(left) && tokens.test(right) && tokens.test(product);
        }
    }

    /// Every pair in the order of ranks; what is no pair is left out.
    static Set<Pair> of(ObjectNode model) {
        // A piece inside a word carries this prefix, which the product does not repeat.
        int prefix = model.path("continuing_subword_prefix").asString("").length();
        Set<Pair> pairs = new LinkedHashSet<>();
        for (JsonNode merge : model.path("merges")) {
            List<String> parts = parts(merge);
            if (parts.size() == 2 && parts.get(1).length() >= prefix) {
                String left = parts.get(0);
                String right = parts.get(1);
                pairs.add(new Pair(left, right, left + right.substring(prefix)));
            }
        }
        return pairs;
    }

    private static List<String> parts(JsonNode merge) {
        if (merge.isArray()) {
            List<String> parts = new ArrayList<>();
            merge.forEach(part -> parts.add(part.asString("")));
            return parts;
        }
        String text = merge.asString("");
        int space = text.indexOf(' ');
        return space < 0 ? List.of() : List.of(text.substring(0, space), text.substring(space + 1));
    }

    /// Puts pairs in place of a model's merges, in the way the file writes them as long as it can:
    /// a token with a space in it only fits the list form.
    static void replace(ObjectNode model, Set<Pair> pairs) {
        boolean lists =
                model.path("merges").path(0).isArray()
                        || pairs.stream()
                                .anyMatch(pair ->
                                        pair.left().contains(" ") || pair.right().contains(" "));
        ArrayNode merges = model.arrayNode();
        for (Pair pair : pairs) {
            if (lists) {
                merges.addArray().add(pair.left()).add(pair.right());
            } else {
                merges.add(pair.left() + " " + pair.right());
            }
        }
        model.set("merges", merges);
    }
}
