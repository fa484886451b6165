package dev.tailor.export.internal.tokenizer;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

/// How text is split before byte-pair merging, by the name llama.cpp has for it.
///
/// llama.cpp's own converter finds the name by tokenizing a fixed text and looking the hash of the
/// ids up, which fails for every tokenizer it has not seen. Here the split itself is compared, so
/// any vocabulary trained with a known split is recognised.
///
/// @param recognised whether the name is known to split exactly as `tokenizer.json` does
record PreTokenizer(String name, boolean recognised) {
    private static final String GPT2 = "gpt-2 split";
    private static final String EACH_DIGIT = "each digit";

    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|";
    private static final String WORDS = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String REST =
            "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final String LLAMA3 = CONTRACTIONS + WORDS + "\\p{N}{1,3}" + REST;
    private static final String QWEN2 = CONTRACTIONS + WORDS + "\\p{N}" + REST;
    private static final String GPT2_WRITTEN_OUT =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LEAD = "[^\\r\\n\\p{L}\\p{N}]?";
    private static final String SLASH_REST =
            "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String OPTIONAL_CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
    private static final String GPT4O =
            LEAD
                    + UPPER
                    + "*"
                    + LOWER
                    + "+"
                    + OPTIONAL_CONTRACTION
                    + "|"
                    + LEAD
                    + UPPER
                    + "+"
                    + LOWER
                    + "*"
                    + OPTIONAL_CONTRACTION
                    + "|\\p{N}{1,3}"
                    + SLASH_REST;
    private static final String TEKKEN =
            LEAD
                    + UPPER
                    + "*"
                    + LOWER
                    + "+|"
                    + LEAD
                    + UPPER
                    + "+"
                    + LOWER
                    + "*|\\p{N}"
                    + SLASH_REST;

    /// The name for a `tokenizer.json` of byte-level BPE.
    static PreTokenizer recognise(JsonNode tokenizer) {
        List<String> steps = new ArrayList<>();
        collect(tokenizer.path("pre_tokenizer"), steps);
        boolean wholeWordsFirst = tokenizer.path("model").path("ignore_merges").asBoolean(false);
        return switch (String.join("\n", steps)) {
            case GPT2, GPT2_WRITTEN_OUT -> known("gpt-2");
            case EACH_DIGIT + "\n" + GPT2 -> known("smollm");
            // The same split; only llama-bpe takes a word that is a token as it is, unmerged.
            case LLAMA3 -> known(wholeWordsFirst ? "llama-bpe" : "smaug-bpe");
            case QWEN2 -> known("qwen2");
            case GPT4O -> known("gpt-4o");
            case TEKKEN -> known("tekken");
            default -> new PreTokenizer("default", false);
        };
    }

    private static PreTokenizer known(String name) {
        return new PreTokenizer(name, true);
    }

    private static void collect(JsonNode node, List<String> steps) {
        switch (node.path("type").asString("")) {
            case "Sequence" -> node.path("pretokenizers").forEach(step -> collect(step, steps));
            case "ByteLevel" -> {
                if (node.path("use_regex").asBoolean(true)) {
                    steps.add(GPT2);
                }
            }
            case "Digits" ->
                    steps.add(
                            node.path("individual_digits").asBoolean(false)
                                    ? EACH_DIGIT
                                    : "runs of digits");
            case "Split" -> steps.add(split(node));
            case String other -> steps.add(other);
        }
    }

    /// Isolating what matches is the same as removing what does not match.
    private static String split(JsonNode node) {
        String behaviour = node.path("behavior").asString("");
        boolean inverted = node.path("invert").asBoolean(false);
        boolean isolates =
                behaviour.equals("Isolated") || (behaviour.equals("Removed") && inverted);
        String regex = node.path("pattern").path("Regex").asString("");
        return isolates ? regex : behaviour + " " + regex;
    }
}
