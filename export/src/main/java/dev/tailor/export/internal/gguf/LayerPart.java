package dev.tailor.export.internal.gguf;

/// A weight of every layer: its name in the checkpoint and in the file, and its shape.
///
/// @param source after `model.layers.N.`; `{expert}` where each expert has a tensor of its own
/// @param target after `blk.N.`
/// @param columns the same as `rows` for a vector
/// @param kind how the tensor is laid out
record LayerPart(String source, String target, Size rows, Size columns, Kind kind) {
    static final String EXPERT = "{expert}";

    /// What a part is.
    enum Kind {
        /// One side; a norm.
        NORM,
        /// A matrix of the attention, which may have a bias.
        ATTENTION,
        /// A matrix of the attention whose rows are dimensions that are rotated.
        ROTATED,
        /// A matrix of the feed-forward layer, which may have a bias.
        FEED_FORWARD,
        /// A matrix that never has a bias: routers, and experts, one matrix above the other.
        PLAIN,
        /// A matrix of one row that the file has as a vector.
        ROW
    }

    static LayerPart norm(String source, String target, Size size) {
        return new LayerPart(source, target, size, size, Kind.NORM);
    }

    static LayerPart attention(String source, String target, Size rows, Size columns) {
        return new LayerPart("self_attn." + source, target, rows, columns, Kind.ATTENTION);
    }

    static LayerPart rotated(String source, String target, Size rows) {
        return new LayerPart("self_attn." + source, target, rows, Size.HIDDEN, Kind.ROTATED);
    }

    static LayerPart feedForward(String source, String target, Size rows, Size columns) {
        return new LayerPart("mlp." + source, target, rows, columns, Kind.FEED_FORWARD);
    }

    static LayerPart plain(String source, String target, Size rows, Size columns) {
        return new LayerPart(source, target, rows, columns, Kind.PLAIN);
    }

    static LayerPart row(String source, String target) {
        return new LayerPart(source, target, Size.HIDDEN, Size.HIDDEN, Kind.ROW);
    }

    boolean isOfExperts() {
        return source.contains(EXPERT);
    }
}
