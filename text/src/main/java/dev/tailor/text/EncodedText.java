package dev.tailor.text;

/// Token ids and the characters `[starts[i], ends[i])` of the text that each stands for, in UTF-16
/// units. A character of several bytes may belong to several tokens; leading spaces may lie outside
/// of their token's range.
public record EncodedText(int[] ids, int[] starts, int[] ends) {
    /// The number of tokens.
    public int length() {
        return ids.length;
    }
}
