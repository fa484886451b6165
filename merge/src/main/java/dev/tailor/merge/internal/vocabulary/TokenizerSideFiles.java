package dev.tailor.merge.internal.vocabulary;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files beside `tokenizer.json` that know ids of tokens.
final class TokenizerSideFiles {
    /// Other forms of the vocabulary, which some programs read before `tokenizer.json`: left as
    /// they are they would contradict it, and not all of them can hold every vocabulary.
    static final List<String> OTHER_FORMS =
            List.of(
                    "tokenizer.model",
                    "vocab.json",
                    "merges.txt",
                    "vocab.txt",
                    "added_tokens.json");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private TokenizerSideFiles() {}

    /// The files of `donor` as they have to be for another tokenizer.
    static Map<String, ObjectNode> of(Path donor, OutputTokenizer tokenizer) {
        Map<String, ObjectNode> files = new LinkedHashMap<>();
        ObjectNode document = tokenizer.document();
        read(donor, "tokenizer_config.json")
                .ifPresent(config -> {
                    follow(config, tokenizer);
                    files.put("tokenizer_config.json", config);
                });
        files.put("tokenizer.json", document);
        return files;
    }

    /// A file of a model, if it is there.
    static Optional<ObjectNode> read(Path directory, String name) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            if (JSON.readTree(file) instanceof ObjectNode object) {
                return Optional.of(object);
            }
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "not a JSON object").at(file);
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "not valid JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    /// `added_tokens_decoder` lists the added tokens by id; entries of tokens that stay are kept.
    private static void follow(ObjectNode config, OutputTokenizer tokenizer) {
        if (!(config.path("added_tokens_decoder") instanceof ObjectNode old)) {
            return;
        }
        Map<String, JsonNode> known = new LinkedHashMap<>();
        old.forEach(entry -> known.put(entry.path("content").asString(""), entry));
        ObjectNode decoder = config.objectNode();
        tokenizer
                .added()
                .forEach((token, entry) -> {
                    JsonNode node = known.get(token);
                    if (node == null) {
                        ObjectNode copy = entry.deepCopy();
                        copy.remove("id");
                        node = copy;
                    }
                    decoder.set(entry.path("id").asString(), node);
                });
        config.set("added_tokens_decoder", decoder);
    }

    /// Rewrites every `..._token_id` (a number or a list) from one vocabulary to another. An id
    /// whose token is gone is taken out.
    ///
    /// @param tokens the spelling of each id of the former vocabulary
    /// @param ids the id of each token of the new one
    /// @return whether anything changed
    static boolean followIds(
            ObjectNode node, Map<Integer, String> tokens, Map<String, Integer> ids) {
        boolean changed = false;
        for (String key : List.copyOf(node.propertyNames())) {
            JsonNode value = node.path(key);
            if (value instanceof ObjectNode nested) {
                changed |= followIds(nested, tokens, ids);
            } else if (key.endsWith("_token_id") || key.endsWith("_token_ids")) {
                changed |= followIds(node, key, value, tokens, ids);
            }
        }
        return changed;
    }

    private static boolean followIds(
            ObjectNode owner,
            String key,
            JsonNode value,
            Map<Integer, String> tokens,
            Map<String, Integer> ids) {
        List<Integer> old = new ArrayList<>();
        for (JsonNode id : value.isArray() ? value.values() : List.of(value)) {
            if (!id.isInt()) {
                return false;
            }
            old.add(id.intValue());
        }
        List<Integer> moved = new ArrayList<>();
        for (Integer id : old) {
            String token = tokens.get(id);
            // An id that never was a token (-1 stands for none) has nothing to follow.
            Integer to = token == null ? id : ids.get(token);
            if (to != null) {
                moved.add(to);
            }
        }
        if (moved.equals(old)) {
            return false;
        }
        if (moved.isEmpty()) {
            owner.remove(key);
        } else if (value.isArray()) {
            moved.forEach(owner.putArray(key)::add);
        } else {
            owner.put(key, moved.getFirst());
        }
        return true;
    }
}
