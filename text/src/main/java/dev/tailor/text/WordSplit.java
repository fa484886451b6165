package dev.tailor.text;

import java.util.regex.Pattern;

/// How text is cut into words before byte pairs are merged; merges never cross a cut. Each is the
/// rule of a family that other tools know by name.
public enum WordSplit {
    /// GPT-2: a number of any length is one word.
    GPT2("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
    /// Llama 3: numbers in groups of up to three digits, line ends apart.
    LLAMA3(modern("\\p{N}{1,3}")),
    /// Qwen 2: every digit apart, line ends apart. The best of the three for small vocabularies.
    QWEN2(modern("\\p{N}"));

    private final String regex;
    private final Pattern pattern;

    WordSplit(String regex) {
        this.regex = regex;
        // In the tokenizer's own dialect \s means all of Unicode's white space.
        this.pattern =
                Pattern.compile(
                        regex.replace("\\s", "\\p{IsWhite_Space}")
                                .replace("\\S", "\\P{IsWhite_Space}"));
    }

    private static String modern(String digits) {
        return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
                + digits
                + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    }

    /// The rule as `tokenizer.json` writes it.
    public String regex() {
        return regex;
    }

    /// The rule for Java.
    Pattern pattern() {
        return pattern;
    }
}
