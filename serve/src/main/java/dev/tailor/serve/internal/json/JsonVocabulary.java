package dev.tailor.serve.internal.json;

import dev.tailor.text.Tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// What each token of a vocabulary adds to a text, as a tree by characters. Special tokens and
/// parts of characters are left out: within a document, such characters can be escaped.
public final class JsonVocabulary {
    /// Characters with which any document can be completed.
    private static final String NEEDED = "{}[]\":0ruealsn";

    private final Node root = new Node();
    private final int size;

    /// Reads a tokenizer's vocabulary.
    ///
    /// @param size rows of the model's head
    public JsonVocabulary(Tokenizer tokenizer, int size) {
        this.size = size;
        Set<Integer> special = specialIds(tokenizer);
        // Behind another token, a token keeps a space that it would lose at the beginning of a
        // text.
        int[] before = tokenizer.encodeOrdinary("a");
        String shared = tokenizer.decode(before, false);
        for (int id = 0; id < Math.min(size, tokenizer.vocabularySize()); id++) {
            int[] both = java.util.Arrays.copyOf(before, before.length + 1);
            both[before.length] = id;
            String text = tokenizer.decode(both, false);
            boolean plain =
                    text.startsWith(shared)
                            && text.length() > shared.length()
                            && text.indexOf('\uFFFD') < 0
                            && !special.contains(id);
            if (plain) {
                root.add(text.substring(shared.length()), id);
            }
        }
    }

    private static Set<Integer> specialIds(Tokenizer tokenizer) {
        return tokenizer.specialTokens().stream()
                .flatMap(token -> tokenizer.id(token).stream().boxed())
                .collect(java.util.stream.Collectors.toSet());
    }

    /// Whether every document can be completed with single characters.
    public boolean suffices() {
        return NEEDED.chars()
                .allMatch(c -> {
                    Node node = root.children.get((char) c);
                    return node != null && !node.ids.isEmpty();
                });
    }

    Node root() {
        return root;
    }

    int size() {
        return size;
    }

    /// Tokens whose text ends here, and how texts go on.
    static final class Node {
        private final TreeMap<Character, Node> children = new TreeMap<>();
        private final List<Integer> ids = new ArrayList<>();

        private void add(String text, int id) {
            Node node = this;
            for (int i = 0; i < text.length(); i++) {
                node = node.children.computeIfAbsent(text.charAt(i), c -> new Node());
            }
            node.ids.add(id);
        }

        TreeMap<Character, Node> children() {
            return children;
        }

        List<Integer> ids() {
            return ids;
        }
    }
}
