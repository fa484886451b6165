package dev.tailor.eval;

import java.util.List;

/// How answers are decoded.
///
/// @param maxTokens most tokens of an answer
/// @param temperature 0 decodes greedily
/// @param topP keeps the most probable tokens up to this mass; 1 keeps all
/// @param seed seed of sampling; unused when greedy
/// @param stops strings that end an answer; the answer does not contain them
public record Decoding(
        int maxTokens, double temperature, double topP, long seed, List<String> stops) {
    /// Greedy decoding: the same answer every time.
    public static Decoding greedy(int maxTokens) {
        return new Decoding(maxTokens, 0, 1, 0, List.of());
    }

    /// The same decoding with another limit.
    public Decoding withMaxTokens(int limit) {
        return new Decoding(limit, temperature, topP, seed, stops);
    }

    /// The same decoding with other stop strings.
    public Decoding withStops(List<String> stopStrings) {
        return new Decoding(maxTokens, temperature, topP, seed, List.copyOf(stopStrings));
    }
}
