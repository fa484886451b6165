package dev.tailor.text;

import dev.tailor.text.internal.tokenizer.NativeTokenizer;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Respells the genuine special tokens of a text by the names that the guarded tokenizer knows them
/// by, and finds the way back from its characters to the original's.
final class GuardedText {
    private final Map<String, String> placeholders;
    private final Map<Character, List<String>> byFirst = new HashMap<>();

    /// @param placeholders the guarded tokenizer's name of each special token
    GuardedText(Map<String, String> placeholders) {
        this.placeholders = placeholders;
        for (String token : placeholders.keySet()) {
            if (!token.isEmpty()) {
                byFirst.computeIfAbsent(token.charAt(0), first -> new ArrayList<>()).add(token);
            }
        }
        // Longest first: where one token is the beginning of another, the longer one is meant.
        byFirst.values()
                .forEach(tokens -> tokens.sort(Comparator.comparingInt(String::length).reversed()));
    }

    /// Encodes a text whose special tokens count only where they do not touch a literal range.
    EncodedText encode(NativeTokenizer guarded, String source, List<TextRange> literal) {
        Respelt respelt = respell(source, literal);
        NativeTokenizer.Offsets offsets = guarded.encodeWithOffsets(respelt.text());
        int[] units = unitsOfCodePoints(respelt.text());
        int[] starts = new int[offsets.ids().length];
        int[] ends = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = respelt.original()[units[offsets.starts()[i]]];
            ends[i] = respelt.original()[units[offsets.ends()[i]]];
        }
        return new EncodedText(offsets.ids(), starts, ends);
    }

    /// `original[i]` is the place in the source of UTF-16 unit i of `text`; one more than units.
    private record Respelt(String text, int[] original) {}

    private Respelt respell(String source, List<TextRange> literal) {
        StringBuilder text = new StringBuilder(source.length() + 256);
        int[] original = new int[source.length() + 256];
        int at = 0;
        while (at < source.length()) {
            String token = tokenAt(source, at);
            int length = 1;
            int start = text.length();
            if (token == null || touches(literal, at, at + token.length())) {
                text.append(source.charAt(at));
            } else {
                text.append(placeholders.get(token));
                length = token.length();
            }
            if (text.length() >= original.length) {
                original = Arrays.copyOf(original, 2 * text.length());
            }
            Arrays.fill(original, start, text.length(), at);
            at += length;
        }
        original[text.length()] = source.length();
        return new Respelt(text.toString(), Arrays.copyOf(original, text.length() + 1));
    }

    private @Nullable String tokenAt(String source, int at) {
        List<String> candidates = byFirst.get(source.charAt(at));
        if (candidates == null) {
            return null;
        }
        for (String token : candidates) {
            if (source.startsWith(token, at)) {
                return token;
            }
        }
        return null;
    }

    private static boolean touches(List<TextRange> literal, int start, int end) {
        for (TextRange range : literal) {
            if (range.start() < end && start < range.end()) {
                return true;
            }
        }
        return false;
    }

    /// The UTF-16 unit at which each code point begins, and the length of the text.
    private static int[] unitsOfCodePoints(String text) {
        int[] units = new int[text.codePointCount(0, text.length()) + 1];
        int unit = 0;
        for (int i = 0; i < units.length - 1; i++) {
            units[i] = unit;
            unit += Character.charCount(text.codePointAt(unit));
        }
        units[units.length - 1] = unit;
        return units;
    }
}
