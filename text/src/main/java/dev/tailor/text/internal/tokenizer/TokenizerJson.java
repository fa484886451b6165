package dev.tailor.text.internal.tokenizer;

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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// A `tokenizer.json` as a tree: its tokens and ids, and a twin of it that does not recognise
/// special tokens in text.
public final class TokenizerJson {
    // A vocabulary of a million tokens is a document of about 100 MB; nothing larger is a
    // tokenizer.
    private static final long MAX_BYTES = 512L << 20;
    private static final JsonMapper MAPPER =
            new JsonMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder().maxNestingDepth(200).build())
                            .build());

    private final String text;
    private final ObjectNode root;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<AddedToken> added = new ArrayList<>();

    /// An entry of `added_tokens`.
    public record AddedToken(int id, String content, boolean special) {}

    /// The twin's text, and the name under which it knows each special token.
    public record Guarded(String json, Map<String, String> placeholders) {}

    private TokenizerJson(String text, ObjectNode root) {
        this.text = text;
        this.root = root;
    }

    /// Reads and checks the file.
    public static TokenizerJson read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "the model has no tokenizer.json")
                    .at(file)
                    .remedy(
                            "a model directory needs its tokenizer.json; older models with only"
                                    + " tokenizer.model have to be converted first");
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw corrupt(file, "larger than any tokenizer (512 MiB)");
            }
            String text = Files.readString(file);
            if (!(MAPPER.readTree(text) instanceof ObjectNode root)) {
                throw corrupt(file, "not a JSON object");
            }
            TokenizerJson json = new TokenizerJson(text, root);
            json.readTokens(file);
            return json;
        } catch (JacksonException e) {
            throw corrupt(file, "not valid JSON: " + e.getOriginalMessage()).causedBy(e);
        } catch (java.nio.charset.CharacterCodingException e) {
            throw corrupt(file, "not UTF-8 text").causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot be read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    static TailorException corrupt(Path file, String what) {
        return TailorException.of(ErrorCode.FILE_CORRUPT, what)
                .at(file)
                .remedy("take the file from the model's own files again");
    }

    /// The file's text, unchanged.
    public String text() {
        return text;
    }

    /// Every token with its id.
    public Map<String, Integer> ids() {
        return ids;
    }

    /// The tokens that are found in text before it is split.
    public List<AddedToken> added() {
        return added;
    }

    private void readTokens(Path file) {
        JsonNode vocabulary = root.path("model").path("vocab");
        if (vocabulary.isObject()) {
            for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
                ids.put(entry.getKey(), id(entry.getValue(), file));
            }
        } else if (vocabulary.isArray()) {
            for (int i = 0; i < vocabulary.size(); i++) {
                ids.put(vocabulary.get(i).path(0).asString(""), i);
            }
        } else {
            throw corrupt(file, "it has no vocabulary (model.vocab)");
        }
        for (JsonNode entry : root.path("added_tokens")) {
            AddedToken token =
                    new AddedToken(
                            id(entry.path("id"), file),
                            entry.path("content").asString(""),
                            entry.path("special").asBoolean(false));
            added.add(token);
            ids.put(token.content(), token.id());
        }
    }

    private static int id(JsonNode node, Path file) {
        if (!node.isInt() || node.intValue() < 0) {
            throw corrupt(file, "a token's id is not a whole number from 0: " + node);
        }
        return node.intValue();
    }

    /// The same tokenizer with the given special tokens renamed to names nobody can guess: the text
    /// `</s>` is then four ordinary characters, while every id stays what it was. Renaming instead
    /// of removing, because the library numbers added tokens by their order.
    public Guarded guarded(Set<String> special) {
        String nonce = UUID.randomUUID().toString().replace("-", "");
        Map<String, String> placeholders = new HashMap<>();
        ObjectNode twin = root.deepCopy();
        for (JsonNode entry : twin.path("added_tokens")) {
            String content = entry.path("content").asString("");
            if (special.contains(content) && entry instanceof ObjectNode token) {
                String name = String.format(Locale.ROOT, "x%sx%06dx", nonce, placeholders.size());
                placeholders.put(content, name);
                token.put("content", name);
            }
        }
        if (twin.path("model") instanceof ObjectNode model) {
            rename(model, placeholders);
        }
        return new Guarded(MAPPER.writeValueAsString(twin), placeholders);
    }

    private static void rename(ObjectNode model, Map<String, String> names) {
        if (model.path("vocab") instanceof ObjectNode vocabulary) {
            for (Map.Entry<String, String> name : names.entrySet()) {
                JsonNode id = vocabulary.remove(name.getKey());
                if (id != null) {
                    vocabulary.set(name.getValue(), id);
                }
            }
        } else if (model.path("vocab") instanceof ArrayNode pieces) {
            for (JsonNode piece : pieces) {
                String name = names.get(piece.path(0).asString(""));
                if (name != null && piece instanceof ArrayNode pair) {
                    pair.set(0, name);
                }
            }
        }
        String unknown = names.get(model.path("unk_token").asString(""));
        if (unknown != null) {
            model.put("unk_token", unknown);
        }
        if (model.path("merges") instanceof ArrayNode merges) {
            for (int i = merges.size() - 1; i >= 0; i--) {
                if (concerns(merges.get(i), names)) {
                    merges.remove(i);
                }
            }
        }
    }

    /// Whether a merge takes or makes one of the renamed tokens; written `"a b"` or `["a", "b"]`.
    private static boolean concerns(JsonNode merge, Map<String, String> names) {
        String left;
        String right;
        if (merge.isArray()) {
            left = merge.path(0).asString("");
            right = merge.path(1).asString("");
        } else {
            String pair = merge.asString("");
            int space = pair.indexOf(' ');
            if (space < 0) {
                return false;
            }
            left = pair.substring(0, space);
            right = pair.substring(space + 1);
        }
        return names.containsKey(left)
                || names.containsKey(right)
                || names.containsKey(left + right);
    }
}
