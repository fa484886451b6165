package dev.tailor.export.internal.tokenizer;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.JsonNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// The tokens of a `tokenizer.json` by id, one for each row of the embedding.
final class Vocabulary {
    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

    private final String[] tokens;
    private final TokenType[] types;
    private final Map<String, Integer> ids = new LinkedHashMap<>();

    private Vocabulary(int rows) {
        tokens = new String[rows];
        types = new TokenType[rows];
        for (int id = 0; id < rows; id++) {
            tokens[id] = "[PAD" + id + "]";
            types[id] = TokenType.UNUSED;
        }
    }

    /// Reads the vocabulary.
    ///
    /// @param tokenizer the whole `tokenizer.json`
    /// @param rows rows of the embedding; those that no token has become `[PAD<id>]`
    /// @throws TailorException `MODEL_INVALID` if an id has no row
    static Vocabulary of(JsonNode tokenizer, Path file, long rows) {
        Vocabulary vocabulary = new Vocabulary(Math.toIntExact(rows));
        JsonNode model = tokenizer.path("model");
        JsonNode vocab = model.path("vocab");
        if (vocab.isObject()) {
            vocab.properties()
                    .forEach(entry ->
                            vocabulary.put(
                                    entry.getKey(),
                                    entry.getValue().asInt(-1),
                                    TokenType.NORMAL,
                                    file));
        } else {
            int id = 0;
            for (JsonNode piece : vocab) {
                vocabulary.put(piece.path(0).asString(""), id++, TokenType.NORMAL, file);
            }
        }
        for (JsonNode added : tokenizer.path("added_tokens")) {
            vocabulary.put(
                    added.path("content").asString(""),
                    added.path("id").asInt(-1),
                    added.path("special").asBoolean(false)
                            ? TokenType.CONTROL
                            : TokenType.USER_DEFINED,
                    file);
        }
        return vocabulary;
    }

    private void put(String token, int id, TokenType type, Path file) {
        if (id < 0 || id >= tokens.length) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "the token '%s' has the id %d, but the embedding has %d rows"
                                    .formatted(token, id, tokens.length))
                    .at(file)
                    .remedy(
                            "tokenizer and weights do not belong together, or tokens were added"
                                    + " without growing the embedding");
        }
        tokens[id] = token;
        types[id] = type;
        ids.put(token, id);
    }

    /// Marks the `<0x0A>`-like tokens and the unknown token of a SentencePiece vocabulary.
    void markBytesAndUnknown(OptionalInt unknown) {
        for (int id = 0; id < tokens.length; id++) {
            if (types[id] == TokenType.NORMAL && BYTE.matcher(tokens[id]).matches()) {
                types[id] = TokenType.BYTE;
            }
        }
        unknown.ifPresent(id -> types[id] = TokenType.UNKNOWN);
    }

    int size() {
        return tokens.length;
    }

    String token(int id) {
        return tokens[id];
    }

    TokenType type(int id) {
        return types[id];
    }

    OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// Rows that no token has.
    int unused() {
        return (int) Arrays.stream(types).filter(type -> type == TokenType.UNUSED).count();
    }

    List<String> tokens() {
        return List.of(tokens);
    }

    List<Integer> typeNumbers() {
        List<Integer> numbers = new ArrayList<>(types.length);
        for (TokenType type : types) {
            numbers.add(type.number());
        }
        return numbers;
    }
}
