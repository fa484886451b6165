package dev.tailor.merge.internal.vocabulary;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// A `tokenizer.json` as it stands.
///
/// @param ids every token's id, in the order of the ids
/// @param added the entries of `added_tokens`, by spelling
record TokenizerFile(
        Path path,
        ObjectNode root,
        Kind kind,
        Map<String, Integer> ids,
        Map<String, ObjectNode> added) {
    /// A vocabulary of a million tokens is a document of about 100 MB.
    private static final long MAX_BYTES = 512L << 20;

    private static final JsonMapper JSON =
            new JsonMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder().maxNestingDepth(200).build())
                            .build());

    /// How a tokenizer cuts a word, which says what its vocabulary looks like.
    enum Kind {
        /// Pairs are merged by rank: a vocabulary and a list of merges.
        BPE("BPE"),
        /// The longest known piece first: a vocabulary.
        WORD_PIECE("WordPiece"),
        /// Whole words: a vocabulary.
        WORD_LEVEL("WordLevel"),
        /// The likeliest pieces: a list of pieces with their scores, numbered by their place.
        UNIGRAM("Unigram");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /// The name in files.
        String label() {
            return label;
        }

        private static Kind of(ObjectNode model) {
            String type = model.path("type").asString("");
            for (Kind kind : values()) {
                if (kind.label.equals(type)) {
                    return kind;
                }
            }
            // Old files do not say it.
            if (model.has("merges")) {
                return BPE;
            }
            if (model.path("vocab").isArray()) {
                return UNIGRAM;
            }
            return model.has("max_input_chars_per_word") ? WORD_PIECE : WORD_LEVEL;
        }
    }

    static boolean existsIn(Path directory) {
        return Files.isRegularFile(in(directory));
    }

    static Path in(Path directory) {
        return directory.resolve("tokenizer.json");
    }

    /// Reads and checks a file.
    static TokenizerFile read(Path file) {
        ObjectNode root = object(file);
        if (!(root.path("model") instanceof ObjectNode model)) {
            throw corrupt(file, "it has no 'model'");
        }
        Kind kind = Kind.of(model);
        Map<String, Integer> ids = new HashMap<>();
        readVocabulary(model.path("vocab"), kind, ids, file);
        Map<String, ObjectNode> added = new LinkedHashMap<>();
        for (JsonNode node : root.path("added_tokens")) {
            if (!(node instanceof ObjectNode entry) || !node.path("content").isString()) {
                throw corrupt(file, "an added token has no 'content'");
            }
            String token = entry.path("content").stringValue();
            int id = id(entry.path("id"), token, file);
            Integer other = ids.putIfAbsent(token, id);
            if (other != null && other != id) {
                throw corrupt(
                        file, "the token '" + token + "' has two ids, " + other + " and " + id);
            }
            added.putIfAbsent(token, entry);
        }
        return new TokenizerFile(file, root, kind, inOrder(ids, file), added);
    }

    private static void readVocabulary(
            JsonNode vocabulary, Kind kind, Map<String, Integer> ids, Path file) {
        if (kind == Kind.UNIGRAM && vocabulary instanceof ArrayNode pieces) {
            for (int i = 0; i < pieces.size(); i++) {
                ids.putIfAbsent(pieces.get(i).path(0).asString(""), i);
            }
        } else if (kind != Kind.UNIGRAM && vocabulary instanceof ObjectNode tokens) {
            for (Map.Entry<String, JsonNode> entry : tokens.properties()) {
                ids.put(entry.getKey(), id(entry.getValue(), entry.getKey(), file));
            }
        } else {
            throw corrupt(file, "it has no vocabulary (model.vocab)");
        }
    }

    private static Map<String, Integer> inOrder(Map<String, Integer> ids, Path file) {
        TreeMap<Integer, String> tokens = new TreeMap<>();
        ids.forEach((token, id) -> {
            String other = tokens.put(id, token);
            if (other != null) {
                throw corrupt(
                        file,
                        "the tokens '%s' and '%s' have the same id %d".formatted(other, token, id));
            }
        });
        Map<String, Integer> ordered = LinkedHashMap.newLinkedHashMap(ids.size());
        tokens.forEach((id, token) -> ordered.put(token, id));
        return ordered;
    }

    private static int id(JsonNode node, String token, Path file) {
        if (!node.isInt() || node.intValue() < 0) {
            throw corrupt(
                    file,
                    "the id of '" + token + "' is not a whole number from 0, but '" + node + "'");
        }
        return node.intValue();
    }

    private static ObjectNode object(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw corrupt(file, "larger than any tokenizer (512 MiB)");
            }
            if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode root) {
                return root;
            }
            throw corrupt(file, "not a JSON object");
        } catch (JacksonException e) {
            throw corrupt(file, "not valid JSON: " + e.getOriginalMessage()).causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot be read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    /// `model` in the document.
    ObjectNode model() {
        return (ObjectNode) root.path("model");
    }

    /// A setting of `model` that is text, or nothing.
    String setting(String key) {
        return model().path(key).asString("");
    }

    /// Whether tokens are spelt in the alphabet of bytes (`Ġthe`) and not in characters (`▁the`).
    boolean spellsBytes() {
        return mentions(root.path("pre_tokenizer"), "ByteLevel")
                || mentions(root.path("decoder"), "ByteLevel");
    }

    private static boolean mentions(JsonNode node, String type) {
        if (node.path("type").asString("").equals(type)) {
            return true;
        }
        for (JsonNode child : node) {
            if (child.isContainer() && mentions(child, type)) {
                return true;
            }
        }
        return false;
    }

    static TailorException corrupt(Path file, String what) {
        return TailorException.of(ErrorCode.FILE_CORRUPT, what)
                .at(file)
                .remedy("take the file from the model's own files again");
    }
}
