package dev.tailor.merge;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes a `tokenizer.json` of a few tokens.
final class TinyTokenizer {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ObjectNode root = JSON.createObjectNode();
    private final ObjectNode model = root.putObject("model");
    private final ArrayNode added = root.putArray("added_tokens");

    TinyTokenizer(String type) {
        model.put("type", type);
        if (type.equals("Unigram")) {
            model.putArray("vocab");
        } else {
            model.putObject("vocab");
        }
        if (type.equals("BPE")) {
            model.putArray("merges");
        }
        root.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    }

    static TinyTokenizer bpe(String... tokens) {
        TinyTokenizer tokenizer = new TinyTokenizer("BPE");
        for (int i = 0; i < tokens.length; i++) {
            tokenizer.token(tokens[i], i);
        }
        return tokenizer;
    }

    static TinyTokenizer unigram(String... pieces) {
        TinyTokenizer tokenizer = new TinyTokenizer("Unigram");
        for (String piece : pieces) {
            ((ArrayNode) tokenizer.model.path("vocab")).addArray().add(piece).add(-1.0);
        }
        tokenizer.model.put("unk_id", 0);
        return tokenizer;
    }

    TinyTokenizer token(String token, int id) {
        ((ObjectNode) model.path("vocab")).put(token, id);
        return this;
    }

    TinyTokenizer merge(String left, String right) {
        ((ArrayNode) model.path("merges")).addArray().add(left).add(right);
        return this;
    }

    TinyTokenizer added(String token, int id) {
        ObjectNode entry = added.addObject().put("id", id).put("content", token);
        entry.put("single_word", false).put("lstrip", false).put("rstrip", false);
        entry.put("normalized", false).put("special", true);
        return this;
    }

    TinyTokenizer set(String key, String json) {
        root.set(key, JSON.readTree(json));
        return this;
    }

    TinyTokenizer model(String key, Object value) {
        model.putPOJO(key, value);
        return this;
    }

    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), JSON.writeValueAsString(root));
    }
}
