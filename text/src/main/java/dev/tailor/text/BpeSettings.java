package dev.tailor.text;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// What a new byte-level BPE tokenizer shall be.
///
/// @param vocabularySize tokens in all: special ones, 256 bytes, and one per merge
/// @param specialTokens special tokens, which get the first ids in this order
/// @param bos the token that begins a sequence, one of `specialTokens`
/// @param eos the token that ends a sequence, one of `specialTokens`
/// @param pad the token that fills up a batch, one of `specialTokens`
/// @param addBos whether encoding puts `bos` in front of a text
/// @param split how text is cut into words
/// @param minFrequency pairs that are rarer than this are not merged
/// @param chatTemplate a chat template to be written beside the tokenizer
public record BpeSettings(
        int vocabularySize,
        List<String> specialTokens,
        Optional<String> bos,
        Optional<String> eos,
        Optional<String> pad,
        boolean addBos,
        WordSplit split,
        int minFrequency,
        Optional<String> chatTemplate) {
    private static final int BYTES = 256;

    public BpeSettings {
        specialTokens = List.copyOf(specialTokens);
        if (vocabularySize < BYTES + specialTokens.size()) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "a vocabulary of " + vocabularySize + " tokens is too small")
                    .remedy(
                            "256 bytes and the special tokens need "
                                    + (BYTES + specialTokens.size()));
        }
        if (new HashSet<>(specialTokens).size() != specialTokens.size()
                || specialTokens.contains("")) {
            throw TailorException.of(
                    ErrorCode.CONFIG_INVALID, "special tokens must be distinct and not empty");
        }
        for (Optional<String> token : List.of(bos, eos, pad)) {
            if (token.isPresent() && !specialTokens.contains(token.get())) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "'" + token.get() + "' is not among the special tokens")
                        .remedy("add it to the list of special tokens");
            }
        }
        if (addBos && bos.isEmpty()) {
            throw TailorException.of(
                    ErrorCode.CONFIG_INVALID, "there is no bos token to put in front of a text");
        }
    }

    /// ChatML: `<|endoftext|>` pads and begins, `<|im_end|>` ends a turn and the text.
    public static BpeSettings chatMl(int vocabularySize) {
        return new BpeSettings(
                vocabularySize,
                List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
                Optional.of("<|endoftext|>"),
                Optional.of("<|im_end|>"),
                Optional.of("<|endoftext|>"),
                false,
                WordSplit.QWEN2,
                2,
                Optional.empty());
    }

    /// The same with a chat template.
    public BpeSettings withChatTemplate(String template) {
        return new BpeSettings(
                vocabularySize,
                specialTokens,
                bos,
                eos,
                pad,
                addBos,
                split,
                minFrequency,
                Optional.of(template));
    }
}
