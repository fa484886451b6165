package dev.tailor.export;

import java.util.Optional;

/// How a GGUF file is written.
///
/// @param type what the matrices are stored in
/// @param preTokenizer llama.cpp's name for the way text is split before byte-pair merging, such as
///   `llama-bpe`; recognised from `tokenizer.json` where it is not given
/// @param name `general.name`; the model directory's name where it is not given
public record GgufOptions(GgufType type, Optional<String> preTokenizer, Optional<String> name) {
    /// Everything recognised from the model.
    public static GgufOptions of(GgufType type) {
        return new GgufOptions(type, Optional.empty(), Optional.empty());
    }

    /// The same with a pre-tokenizer chosen by hand.
    public GgufOptions withPreTokenizer(String preTokenizer) {
        return new GgufOptions(type, Optional.of(preTokenizer), name);
    }
}
