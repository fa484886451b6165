package dev.tailor.tensors.internal.nf4;

/// The sixteen numbers of NF4: quantiles of the normal distribution scaled to ±1, with an exact 0
/// (QLoRA, arXiv 2305.14314, appendix E), as bitsandbytes has them.
public final class Codebook {
    private static final float[] VALUES = {
        -1f,
        -0.6961928f,
        -0.52507305f,
        -0.3949175f,
        -0.28444138f,
        -0.18477343f,
        -0.091050036f,
        0f,
        0.0795803f,
        0.1609302f,
        0.2461123f,
        0.33791524f,
        0.44070983f,
        0.562617f,
        0.72295684f,
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
