package dev.tailor.tensors.internal.nf4;

/// The sixteen numbers of NF4: quantiles of the normal distribution scaled to ±1, with an exact 0
/// (QLoRA, arXiv 2305.14314, appendix E), as bitsandbytes has them.
public final class Codebook {
    private static final float[] VALUES = {
        -1f,
        -0.6961928009986877f,
        -0.5250730514526367f,
        -0.39491748809814453f,
        -0.28444138169288635f,
        -0.18477343022823334f,
        -0.09105003625154495f,
        0f,
        0.07958029955625534f,
        0.16093020141124725f,
        0.24611230194568634f,
        0.33791524171829224f,
        0.44070982933044434f,
        0.5626170039176941f,
        0.7229568362236023f,
        1f
    };

    private Codebook() {}

    /// A copy of the numbers, rising.
    public static float[] values() {
        return VALUES.clone();
    }

    /// Half way between neighbours; a number on the middle belongs to the lower one.
    static float[] middles() {
        float[] middles = new float[VALUES.length - 1];
        for (int i = 0; i < middles.length; i++) {
            middles[i] = (VALUES[i] + VALUES[i + 1]) / 2;
        }
        return middles;
    }
}
