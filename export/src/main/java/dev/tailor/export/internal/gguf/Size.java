package dev.tailor.export.internal.gguf;

/// What a side of a tensor is as long as.
enum Size {
    VOCABULARY,
    HIDDEN,
    /// All query heads.
    QUERIES,
    /// All key heads, and as many value heads.
    KEYS,
    /// Queries, keys and values in one matrix.
    QUERIES_KEYS_VALUES,
    /// One head.
    HEAD,
    /// The feed-forward layer.
    INNER,
    /// Gate and up projection in one matrix.
    GATE_AND_UP,
    EXPERTS,
    /// One expert's feed-forward layer.
    EXPERT_INNER,
    /// The feed-forward layer of the expert that every token uses.
    SHARED_INNER;

    long of(ModelConfig config) {
        long queries = (long) config.heads() * config.headDim();
        long keys = (long) config.keyValueHeads() * config.headDim();
        return switch (this) {
            case VOCABULARY -> config.vocabularySize();
            case HIDDEN -> config.hiddenSize();
            case QUERIES -> queries;
            case KEYS -> keys;
            case QUERIES_KEYS_VALUES -> queries + 2 * keys;
            case HEAD -> config.headDim();
            case INNER -> config.intermediateSize();
            case GATE_AND_UP -> 2L * config.intermediateSize();
            case EXPERTS -> config.experts().count();
            case EXPERT_INNER -> config.experts().size();
            case SHARED_INNER -> config.experts().sharedSize();
        };
    }
}
