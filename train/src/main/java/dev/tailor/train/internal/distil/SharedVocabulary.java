package dev.tailor.train.internal.distil;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.Tokenizer;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/// Makes sure that a teacher's word for a token is the student's.
public final class SharedVocabulary {
    /// A token of somebody's file is not printed further than this.
    private static final int LONGEST = 40;

    private SharedVocabulary() {}

    /// Compares the vocabularies of two model directories.
    ///
    /// @throws TailorException `MODEL_INVALID` naming the first token that differs
    public static void check(Path student, Path teacher) {
        SortedMap<Integer, String> own = Tokenizer.vocabulary(student);
        SortedMap<Integer, String> other = Tokenizer.vocabulary(teacher);
        if (own.equals(other)) {
            return;
        }
        TreeSet<Integer> differing = new TreeSet<>(own.keySet());
        differing.addAll(other.keySet());
        differing.removeIf(id -> Objects.equals(own.get(id), other.get(id)));
        int first = differing.first();
        throw TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "the teacher has another vocabulary than the student: token %d is %s to the student and %s to the teacher; %d of %d tokens differ"
                                .formatted(
                                        first,
                                        spelling(own, first),
                                        spelling(other, first),
                                        differing.size(),
                                        Math.max(own.size(), other.size())))
                .at(teacher)
                .remedy(
                        "choose a teacher and a student with the same tokenizer: what one says of a"
                                + " token must be about the same token for the other");
    }

    private static String spelling(Map<Integer, String> vocabulary, int id) {
        return Optional.ofNullable(vocabulary.get(id))
                .map(token -> token.replaceAll("\\p{Cntrl}", "?"))
                .map(token -> token.length() > LONGEST ? token.substring(0, LONGEST) : token)
                .map(token -> "'" + token + "'")
                .orElse("unknown");
    }
}
