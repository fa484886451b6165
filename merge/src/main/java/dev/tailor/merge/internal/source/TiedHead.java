package dev.tailor.merge.internal.source;

/// The head of a model whose head is its embedding. Checkpoints do not store it; PEFT, which saves
/// modules, gives it a tensor of its own beside the embedding's (`ensure_weight_tying`).
public final class TiedHead {
    private TiedHead() {}

    /// The tensor's name, for an embedding of that name.
    public static String of(String embedding) {
        return embedding.endsWith("embed_in.weight") ? "embed_out.weight" : "lm_head.weight";
    }
}
