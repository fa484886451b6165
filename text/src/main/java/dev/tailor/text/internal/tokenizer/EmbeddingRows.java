package dev.tailor.text.internal.tokenizer;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.nio.file.Path;

/// The rows of a model's embedding, seen beside the ids of a tokenizer: each id needs its row.
public final class EmbeddingRows {
    private final long rows;
    private int highest = -1;
    private int firstBeyond = Integer.MAX_VALUE;
    private String tokenBeyond = "";

    public EmbeddingRows(long rows) {
        this.rows = rows;
    }

    /// Takes an id of the tokenizer.
    public void take(String token, int id) {
        highest = Math.max(highest, id);
        if (id >= rows && id < firstBeyond) {
            firstBeyond = id;
            tokenBeyond = token;
        }
    }

    /// Fails with `MODEL_INVALID` if an id that was taken has no row.
    ///
    /// @param file the tokenizer's
    public void requireEnough(Path file) {
        if (highest < rows) {
            return;
        }
        throw TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "the tokenizer has ids up to %d, the model's embedding only %d rows ('%s' is %d)"
                                .formatted(highest, rows, tokenBeyond, firstBeyond))
                .at(file)
                .remedy("use the tokenizer that belongs to the model, or remove the added tokens");
    }
}
