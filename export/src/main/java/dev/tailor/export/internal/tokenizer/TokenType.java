package dev.tailor.export.internal.tokenizer;

/// What a token is to llama.cpp, in the order of the file's numbers from 1 on.
enum TokenType {
    /// Text.
    NORMAL,
    /// Stands for text that has no token.
    UNKNOWN,
    /// Matched as a whole and never printed: `<s>`, `<|im_end|>`.
    CONTROL,
    /// Matched as a whole and printed.
    USER_DEFINED,
    /// A row of the embedding that no text leads to.
    UNUSED,
    /// One byte of text that has no other token.
    BYTE;

    int number() {
        return ordinal() + 1;
    }
}
