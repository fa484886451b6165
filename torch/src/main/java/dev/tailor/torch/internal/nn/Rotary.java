package dev.tailor.torch.internal.nn;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.RopeScaling;

import java.util.List;

/// Angles of rotary position embedding (Su et al. 2021). Frequencies are computed in float32 where
/// transformers does, because positions multiply their rounding.
final class Rotary {
    private final DecoderConfig.Rope rope;

    Rotary(DecoderConfig.Rope rope) {
        this.rope = rope;
    }

    /// Whether no layer's frequencies depend on how long a sequence is or will be.
    static boolean areFixed(DecoderConfig config) {
        return config.stack().stream()
                .flatMap(layer -> layer.rope().stream())
                .noneMatch(rope ->
                        rope.scaling() instanceof RopeScaling.Dynamic
                                || rope.scaling() instanceof RopeScaling.LongRope);
    }

    /// What cosine and sine are multiplied by.
    float attentionFactor() {
        return switch (rope.scaling()) {
            case RopeScaling.Yarn yarn -> (float) yarn.attentionFactor();
            case RopeScaling.LongRope longRope -> (float) longRope.attentionFactor();
            case RopeScaling.None none -> 1;
            case RopeScaling.Linear linear -> 1;
            case RopeScaling.Dynamic dynamic -> 1;
            case RopeScaling.Llama3 llama3 -> 1;
        };
    }

    /// The frequency of each pair of dimensions, `dim / 2` values, for sequences of up to `length`
    /// positions (only the dynamic variant and LongRoPE depend on it).
    float[] frequencies(int length) {
        return switch (rope.scaling()) {
            case RopeScaling.None none -> plain(rope.theta());
            case RopeScaling.Linear linear -> divided(plain(rope.theta()), linear.factor());
            case RopeScaling.Dynamic dynamic -> plain(dynamicTheta(dynamic, length));
            case RopeScaling.Yarn yarn -> yarn(yarn);
            case RopeScaling.Llama3 llama3 -> llama3(llama3);
            case RopeScaling.LongRope longRope ->
                    length > longRope.originalMaxPositions()
                            ? divided(longRope.longFactors())
                            : divided(longRope.shortFactors());
        };
    }

    private float[] plain(double theta) {
        float[] frequencies = new float[rope.dim() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1f / power(theta, i);
        }
        return frequencies;
    }

    /// `θ^(2i / dim)`.
    private float power(double theta, int i) {
        return (float) Math.pow(theta, (float) (2 * i) / rope.dim());
    }

    /// Every wavelength multiplied by a factor of its own.
    private float[] divided(List<Double> factors) {
        float[] frequencies = new float[rope.dim() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1f / (factors.get(i).floatValue() * power(rope.theta(), i));
        }
        return frequencies;
    }

    private static float[] divided(float[] frequencies, double factor) {
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] /= (float) factor;
        }
        return frequencies;
    }

    private double dynamicTheta(RopeScaling.Dynamic dynamic, int length) {
        double longest = Math.max(length, dynamic.originalMaxPositions());
        double factor = dynamic.factor();
        double growth = factor * longest / dynamic.originalMaxPositions() - (factor - 1);
        return rope.theta() * Math.pow(growth, rope.dim() / (rope.dim() - 2.0));
    }

    /// Peng et al. 2023, section 3.2: high frequencies as they are, low ones interpolated, a linear
    /// ramp between.
    private float[] yarn(RopeScaling.Yarn yarn) {
        double low = dimension(yarn.betaFast(), yarn);
        double high = dimension(yarn.betaSlow(), yarn);
        if (yarn.truncate()) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, rope.dim() - 1);
        if (low == high) {
            high += 0.001;
        }
        float[] frequencies = plain(rope.theta());
        for (int i = 0; i < frequencies.length; i++) {
            double ramp = Math.clamp((i - low) / (high - low), 0, 1);
            double interpolated = frequencies[i] / yarn.factor();
            frequencies[i] = (float) (interpolated * ramp + frequencies[i] * (1 - ramp));
        }
        return frequencies;
    }

    /// The dimension whose wavelength makes that many rotations within the original context.
    private double dimension(double rotations, RopeScaling.Yarn yarn) {
        double wavelength = yarn.originalMaxPositions() / (rotations * 2 * Math.PI);
        return rope.dim() * Math.log(wavelength) / (2 * Math.log(rope.theta()));
    }

    private float[] llama3(RopeScaling.Llama3 scaling) {
        double context = scaling.originalMaxPositions();
        double longest = context / scaling.lowFrequencyFactor();
        double shortest = context / scaling.highFrequencyFactor();
        float[] frequencies = plain(rope.theta());
        for (int i = 0; i < frequencies.length; i++) {
            double wavelength = 2 * Math.PI / frequencies[i];
            if (wavelength > longest) {
                frequencies[i] /= (float) scaling.factor();
            } else if (wavelength >= shortest) {
                double smooth =
                        (context / wavelength - scaling.lowFrequencyFactor())
                                / (scaling.highFrequencyFactor() - scaling.lowFrequencyFactor());
                double interpolated = frequencies[i] / scaling.factor();
                frequencies[i] = (float) ((1 - smooth) * interpolated + smooth * frequencies[i]);
            }
        }
        return frequencies;
    }
}
