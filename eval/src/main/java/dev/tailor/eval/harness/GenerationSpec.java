package dev.tailor.eval.harness;

import dev.tailor.eval.Decoding;

import java.util.List;

/// How answers are generated.
///
/// @param until strings that end an answer
/// @param maxTokens most tokens of an answer
/// @param temperature 0 decodes greedily
/// @param topP keeps the most probable tokens up to this mass
/// @param repeats answers per sample
public record GenerationSpec(
        List<String> until, int maxTokens, double temperature, double topP, int repeats) {
    /// The decoding of the `repeat`-th answer.
    public Decoding decoding(long seed, int repeat) {
        return new Decoding(maxTokens, temperature, topP, seed + repeat, until);
    }
}
