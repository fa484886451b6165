package dev.tailor.export.internal.tokenizer;

/// What a token is to llama.cpp.
enum TokenType {
    /// Text.
    NORMAL(1),
    /// Stands for text that has no token.
    UNKNOWN(2),
    /// Matched as a whole and never printed: `<s>`, `<|im_end|>`.
    CONTROL(3),
    /// Matched as a whole and printed.
    USER_DEFINED(4),
    /// A row of the embedding that no text leads to.
    UNUSED(5),
    /// One byte of text that has no other token.
    BYTE(6);

    private final int number;

    TokenType(int number) {
        this.number = number;
    }

    /// The number that stands for this type in a file.
    int number() {
        return number;
    }
}
