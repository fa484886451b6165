package dev.tailor.export.internal.gguf;

import dev.tailor.export.GgufType;
import dev.tailor.tensors.GgmlType;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which tensor of a file is stored how, as llama.cpp mixes its types: the output matrix, and in
/// the `_m` mixes the values' and down projections of half of the layers, in a finer type; where
/// rows are no whole blocks, the nearest type with smaller ones.
record StorageMix(GgufType type, ModelConfig config) {
    private static final String OUTPUT = "output.weight";
    private static final String EMBEDDING = "token_embd.weight";
    private static final String ROUTER = ".ffn_gate_inp.weight";
    private static final Pattern IN_LAYER =
            Pattern.compile(
                    "blk\\.(\\d+)\\.(attn_qkv|attn_v|attn_k|ffn_down|ffn_down_exps)\\.weight");

    /// Layers of the 70B Llama, whose many queries share few values.
    private static final int LAYERS_OF_70B = 80;

    /// With as many, keys and values are a small part, and kept in 8 bits.
    private static final int EXPERTS_OF_MIXTRAL = 8;

    GgmlType of(String tensor, List<Long> shape) {
        // Routers are small, and what they choose is all or nothing.
        if (shape.size() < 2 || tensor.endsWith(ROUTER)) {
            return GgmlType.F32;
        }
        return fitting(wanted(tensor), shape);
    }

    private GgmlType wanted(String tensor) {
        GgmlType usual = type.matrices();
        if (usual.blockElements() == 1 || usual == GgmlType.Q8_0) {
            return usual;
        }
        if (tensor.equals(config.tied() ? EMBEDDING : OUTPUT)) {
            return GgmlType.Q6_K;
        }
        Matcher inLayer = IN_LAYER.matcher(tensor);
        if (!inLayer.matches()) {
            return usual;
        }
        int layer = Integer.parseInt(inLayer.group(1));
        return switch (inLayer.group(2)) {
            case "attn_v" -> ofValues(layer);
            case "attn_k" -> config.experts().count() == EXPERTS_OF_MIXTRAL ? GgmlType.Q8_0 : usual;
            case "attn_qkv" -> ofFusedAttention();
            default -> ofDownProjection(layer);
        };
    }

    private GgmlType ofFusedAttention() {
        return switch (type) {
            case Q4_K_M -> GgmlType.Q5_K;
            case Q5_K_M -> GgmlType.Q6_K;
            default -> type.matrices();
        };
    }

    private GgmlType ofValues(int layer) {
        if (config.experts().count() == EXPERTS_OF_MIXTRAL) {
            return GgmlType.Q8_0;
        }
        GgmlType stored =
                switch (type) {
                    case Q4_K_M, Q5_K_M -> needsMore(layer) ? GgmlType.Q6_K : type.matrices();
                    case Q4_K_S -> layer < 4 ? GgmlType.Q5_K : GgmlType.Q4_K;
                    default -> type.matrices();
                };
        boolean isShared =
                config.layers() == LAYERS_OF_70B && config.keyValueHeads() < config.heads();
        return isShared && stored == GgmlType.Q4_K ? GgmlType.Q5_K : stored;
    }

    private GgmlType ofDownProjection(int layer) {
        return switch (type) {
            case Q4_K_M, Q5_K_M -> needsMore(layer) ? GgmlType.Q6_K : type.matrices();
            case Q4_K_S -> layer < config.layers() / 8 ? GgmlType.Q5_K : GgmlType.Q4_K;
            default -> type.matrices();
        };
    }

    /// The first and last eighth of the layers, and every third between.
    private boolean needsMore(int layer) {
        int eighth = config.layers() / 8;
        return layer < eighth || layer >= 7 * config.layers() / 8 || (layer - eighth) % 3 == 2;
    }

    private static GgmlType fitting(GgmlType wanted, List<Long> shape) {
        if (wanted.fits(shape)) {
            return wanted;
        }
        GgmlType smallerBlocks =
                switch (wanted) {
                    case Q4_K -> GgmlType.Q5_0;
                    case Q5_K -> GgmlType.Q5_1;
                    case Q6_K -> GgmlType.Q8_0;
                    default -> GgmlType.F16;
                };
        return smallerBlocks.fits(shape) ? smallerBlocks : GgmlType.F16;
    }
}
