package dev.tailor.export.internal.tokenizer;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.JsonNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The merges of a BPE model, in order of rank.
record Merges(List<Pair> pairs) {
    record Pair(String left, String right) {}

    /// Reads either spelling: `"a b"` or `["a", "b"]`.
    ///
    /// @throws TailorException `MODEL_INVALID` for a merge of what is not in the vocabulary
    static Merges of(JsonNode model, Vocabulary vocabulary, Path file) {
        List<Pair> pairs = new ArrayList<>();
        for (JsonNode merge : model.path("merges")) {
            Pair pair =
                    merge.isArray()
                            ? new Pair(merge.path(0).asString(""), merge.path(1).asString(""))
                            : split(merge.asString(""), vocabulary);
            if (!known(pair.left(), vocabulary) || !known(pair.right(), vocabulary)) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "merge %d, '%s', joins what are not tokens"
                                        .formatted(pairs.size() + 1, merge))
                        .at(file);
            }
            pairs.add(pair);
        }
        return new Merges(pairs);
    }

    /// Tokens may hold spaces themselves, so the space is taken that has tokens on both sides.
    private static Pair split(String text, Vocabulary vocabulary) {
        for (int space = text.indexOf(' '); space >= 0; space = text.indexOf(' ', space + 1)) {
            Pair pair = new Pair(text.substring(0, space), text.substring(space + 1));
            if (known(pair.left(), vocabulary) && known(pair.right(), vocabulary)) {
                return pair;
            }
        }
        return new Pair("", text);
    }

    private static boolean known(String token, Vocabulary vocabulary) {
        return vocabulary.id(token).isPresent();
    }

    /// As a GGUF file has them: `"a b"`.
    List<String> texts() {
        return pairs.stream().map(pair -> pair.left() + " " + pair.right()).toList();
    }

    /// SentencePiece scores that lead to the same merges: llama.cpp joins the neighbours whose
    /// union scores highest, so a token scores minus the rank at which it is first made. Tokens
    /// that no merge makes come after, by id.
    List<Float> scores(Vocabulary vocabulary) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        for (Pair pair : pairs) {
            ranks.putIfAbsent(pair.left() + pair.right(), ranks.size());
        }
        List<Float> scores = new ArrayList<>(Collections.nCopies(vocabulary.size(), 0f));
        int next = ranks.size();
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.type(id) == TokenType.NORMAL) {
                Integer rank = ranks.get(vocabulary.token(id));
                scores.set(id, (float) -(rank == null ? next++ : rank));
            }
        }
        return scores;
    }
}
