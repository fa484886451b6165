package dev.tailor.workflow.internal.keys;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Words with their weights, in file order.
public record Weights(Map<String, Double> byWord) {
    public Weights {
        byWord = Collections.unmodifiableMap(new LinkedHashMap<>(byWord));
    }

    /// As it is written shortest: a word alone has weight 1.
    Object plain() {
        return byWord.size() == 1 && byWord.containsValue(1.0)
                ? byWord.keySet().iterator().next()
                : byWord;
    }
}
