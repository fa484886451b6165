package dev.tailor.eval.internal.ifeval;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What Punkt has learnt of a language from running text.
///
/// @param abbreviations types that are abbreviations, without their final period
/// @param collocations pairs of types, joined by a tab, that stand together around a period
/// @param sentenceStarters types that often begin a sentence
/// @param orthography how each type is written where, as the flags below
record PunktParameters(
        Set<String> abbreviations,
        Set<String> collocations,
        Set<String> sentenceStarters,
        Map<String, Integer> orthography) {
    private static final int BEGINNING_UPPER = 1 << 1;
    private static final int MIDDLE_UPPER = 1 << 2;
    private static final int UNKNOWN_UPPER = 1 << 3;
    private static final int BEGINNING_LOWER = 1 << 4;
    private static final int MIDDLE_LOWER = 1 << 5;
    private static final int UNKNOWN_LOWER = 1 << 6;

    /// The English model.
    static PunktParameters english() {
        Map<String, Integer> orthography = new HashMap<>();
        for (String line : lines("ortho_context.tab")) {
            int tab = line.indexOf('\t');
            orthography.put(line.substring(0, tab), Integer.valueOf(line.substring(tab + 1)));
        }
        return new PunktParameters(
                new HashSet<>(lines("abbrev_types.txt")),
                new HashSet<>(lines("collocations.tab")),
                new HashSet<>(lines("sent_starters.txt")),
                orthography);
    }

    /// Whether the type was seen with an upper-case first letter.
    boolean seenUpper(String type) {
        return isSeen(type, BEGINNING_UPPER | MIDDLE_UPPER | UNKNOWN_UPPER);
    }

    /// Whether the type was seen with an upper-case first letter inside a sentence.
    boolean seenUpperInside(String type) {
        return isSeen(type, MIDDLE_UPPER);
    }

    /// Whether the type was seen with a lower-case first letter.
    boolean seenLower(String type) {
        return isSeen(type, BEGINNING_LOWER | MIDDLE_LOWER | UNKNOWN_LOWER);
    }

    /// Whether the type was seen with a lower-case first letter at the beginning of a sentence.
    boolean seenLowerAtStart(String type) {
        return isSeen(type, BEGINNING_LOWER);
    }

    private boolean isSeen(String type, int flags) {
        return (orthography.getOrDefault(type, 0) & flags) != 0;
    }

    private static List<String> lines(String name) {
        try (InputStream file =
                Objects.requireNonNull(
                        PunktParameters.class.getResourceAsStream("punkt/" + name))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
