package dev.tailor.export.internal.gguf;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How positions beyond the original context are handled.
public sealed interface RopeScaling {
    /// The vectors that the file has for it by name.
    ///
    /// @param dimensions of a head that are rotated
    default Map<String, float[]> tensors(int dimensions, double theta) {
        return switch (this) {
            case Llama3 llama3 -> Map.of("rope_freqs.weight", llama3.divisors(dimensions, theta));
            case Long factors ->
                    new TreeMap<>(
                            Map.of(
                                    "rope_factors_long.weight", array(factors.longFactors()),
                                    "rope_factors_short.weight", array(factors.shortFactors())));
            case None none -> Map.of();
            case Linear linear -> Map.of();
            case Dynamic dynamic -> Map.of();
            case Yarn yarn -> Map.of();
        };
    }

    private static float[] array(List<Float> numbers) {
        float[] array = new float[numbers.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = numbers.get(i);
        }
        return array;
    }

    /// Not at all.
    record None() implements RopeScaling {}

    /// Positions divided by a factor.
    record Linear(double factor) implements RopeScaling {}

    /// A base that grows with the text. llama.cpp has no such thing; up to the original context it
    /// is the same as none.
    record Dynamic(double factor) implements RopeScaling {}

    /// YaRN (Peng et al. 2023, arXiv:2309.00071).
    ///
    /// @param attentionFactor given only where it is not the paper's `0.1 ln(factor) + 1`
    record Yarn(
            double factor,
            long originalContext,
            Optional<Double> attentionFactor,
            double betaFast,
            double betaSlow)
            implements RopeScaling {}

    /// Llama 3.1's: low frequencies divided by a factor, with a smooth transition.
    record Llama3(double factor, double lowFrequency, double highFrequency, long originalContext)
            implements RopeScaling {
        /// What each pair's frequency is divided by, `[headDim / 2]`.
        float[] divisors(int headDim, double theta) {
            float[] divisors = new float[headDim / 2];
            double lowWavelength = originalContext / lowFrequency;
            double highWavelength = originalContext / highFrequency;
            for (int i = 0; i < divisors.length; i++) {
                double wavelength = 2 * Math.PI * Math.pow(theta, 2.0 * i / headDim);
                if (wavelength < highWavelength) {
                    divisors[i] = 1;
                } else if (wavelength > lowWavelength) {
                    divisors[i] = (float) factor;
                } else {
                    double smooth =
                            (originalContext / wavelength - lowFrequency)
                                    / (highFrequency - lowFrequency);
                    divisors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
                }
            }
            return divisors;
        }
    }

    /// LongRoPE (Ding et al. 2024, arXiv:2402.13753): each pair's frequency divided by a factor of
    /// its own, by others within the original context than beyond.
    ///
    /// @param attentionFactor of queries and keys
    record Long(
            List<Float> shortFactors,
            List<Float> longFactors,
            long originalContext,
            double attentionFactor)
            implements RopeScaling {}

    /// Reads `rope_parameters` (transformers 5) or `rope_scaling` (before).
    ///
    /// @param context `max_position_embeddings`
    /// @param otherwise the original context where `rope` names none
    /// @throws TailorException `MODEL_INVALID` for a kind that GGUF cannot express
    static RopeScaling of(JsonNode rope, long context, long otherwise) {
        String type = rope.path("rope_type").asString(rope.path("type").asString("default"));
        double factor = rope.path("factor").asDouble(1);
        long original = rope.path("original_max_position_embeddings").asLong(otherwise);
        return switch (type) {
            case "default" -> new None();
            case "linear" -> new Linear(factor);
            case "dynamic" -> new Dynamic(factor);
            case "yarn" ->
                    new Yarn(
                            factor,
                            original,
                            rope.hasNonNull("attention_factor")
                                    ? Optional.of(rope.path("attention_factor").asDouble())
                                    : Optional.empty(),
                            rope.path("beta_fast").asDouble(32),
                            rope.path("beta_slow").asDouble(1));
            case "llama3" ->
                    new Llama3(
                            factor,
                            rope.path("low_freq_factor").asDouble(1),
                            rope.path("high_freq_factor").asDouble(4),
                            original);
            case "longrope", "su" -> longRope(rope, context, original);
            default ->
                    throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "RoPE scaling '" + type + "' cannot be exported to GGUF");
        };
    }

    private static Long longRope(JsonNode rope, long context, long original) {
        double factor = rope.path("factor").asDouble((double) context / original);
        double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new Long(
                numbers(rope.path("short_factor")),
                numbers(rope.path("long_factor")),
                original,
                rope.path("attention_factor").asDouble(attention));
    }

    private static List<Float> numbers(JsonNode array) {
        List<Float> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add((float) number.asDouble(1)));
        return List.copyOf(numbers);
    }
}
