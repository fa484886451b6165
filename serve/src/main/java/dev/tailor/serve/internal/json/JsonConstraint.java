package dev.tailor.serve.internal.json;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Keeps one answer a JSON object: at every token only those remain possible that can still be
/// completed within the tokens that are left. Every character that completes a document is a token,
/// so there always is one.
public final class JsonConstraint {
    private final JsonVocabulary vocabulary;
    private final Map<Integer, JsonState> allowed = new HashMap<>();
    private JsonState state = JsonState.start();

    /// For an answer that has not begun.
    public JsonConstraint(JsonVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /// The fewest tokens of an answer.
    public static int leastTokens() {
        return JsonState.start().toComplete();
    }

    /// Makes tokens impossible that must not come next.
    ///
    /// @param logits of the whole vocabulary
    /// @param left tokens that may still be chosen, this one included
    public void mask(float[] logits, int left) {
        allowed.clear();
        collect(vocabulary.root(), state, left - 1);
        float[] before = logits.clone();
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        allowed.keySet().forEach(token -> logits[token] = before[token]);
    }

    private void collect(JsonVocabulary.Node node, JsonState at, int left) {
        if (at.toComplete() <= left) {
            node.ids().forEach(id -> allowed.put(id, at));
        }
        node.children()
                .forEach((c, child) -> at.next(c).ifPresent(next -> collect(child, next, left)));
    }

    /// A token has been chosen.
    public void accept(int token) {
        state = Optional.ofNullable(allowed.get(token)).orElseThrow();
    }

    /// Whether the document is complete, and nothing may follow.
    public boolean isComplete() {
        return state.isComplete();
    }
}
