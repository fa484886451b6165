package dev.tailor.merge.internal.vocabulary;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.internal.vocabulary.TokenizerFile.Kind;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The tokenizer of the output while it is put together: one model's, whose ids stay what they are,
/// and new tokens behind them.
final class OutputTokenizer {
    private final TokenizerFile origin;
    private final ObjectNode root;
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final Map<String, ObjectNode> added = new LinkedHashMap<>();
    private final List<String> words = new ArrayList<>();
    private final Set<Merges.Pair> merges = new LinkedHashSet<>();
    private int next;
    private boolean changed;

    private OutputTokenizer(TokenizerFile origin) {
        this.origin = origin;
        this.root = origin.root().deepCopy();
    }

    /// Begins with a model's tokenizer; tokens that have no row in its embedding are left out.
    static OutputTokenizer of(TokenizerFile origin, long rows) {
        OutputTokenizer output = new OutputTokenizer(origin);
        Set<String> without = new HashSet<>();
        origin.ids()
                .forEach((token, id) -> {
                    if (id < rows) {
                        output.ids.put(token, id);
                        output.next = id + 1;
                    } else {
                        without.add(token);
                    }
                });
        origin.added()
                .forEach((token, entry) -> {
                    if (!without.contains(token)) {
                        output.added.put(token, entry.deepCopy());
                    }
                });
        if (origin.kind() == Kind.BPE) {
            output.merges.addAll(Merges.of(origin.model()));
        }
        if (!without.isEmpty()) {
            output.strip(without, rows);
        }
        return output;
    }

    private void strip(Set<String> without, long rows) {
        changed = true;
        JsonNode vocabulary = model().path("vocab");
        if (vocabulary instanceof ArrayNode pieces) {
            while (pieces.size() > rows) {
                pieces.remove(pieces.size() - 1);
            }
        } else if (vocabulary instanceof ObjectNode tokens) {
            tokens.remove(without);
        }
        merges.removeIf(pair -> !pair.consistsOf(token -> !without.contains(token)));
        for (JsonNode token : root.path("post_processor").path("special_tokens")) {
            for (JsonNode spelling : token.path("tokens")) {
                if (without.contains(spelling.asString(""))) {
                    throw TailorException.of(
                                    ErrorCode.MODEL_INVALID,
                                    "the tokenizer puts '%s' around every text, but the embedding"
                                                    .formatted(spelling.asString(""))
                                            + " has only "
                                            + rows
                                            + " rows")
                            .at(origin.path())
                            .remedy("take the tokenizer from another model");
                }
            }
        }
    }

    /// Adds the tokens of another model's tokenizer that it finds in text as they are made from
    /// characters, in the order of their ids, and its merges behind those that are there.
    ///
    /// @param rows tokens with this id or a higher one have no row and are left out
    void addWords(TokenizerFile other, long rows) {
        List<String> fresh = new ArrayList<>();
        other.ids()
                .forEach((token, id) -> {
                    if (id < rows && !ids.containsKey(token) && !other.added().containsKey(token)) {
                        fresh.add(token);
                    }
                });
        requireSameKind(other, fresh);
        for (String token : fresh) {
            number(token);
        }
        words.addAll(fresh);
        if (origin.kind() == Kind.BPE) {
            for (Merges.Pair pair : Merges.of(other.model())) {
                if (pair.consistsOf(token -> isWithin(other, token, rows)) && merges.add(pair)) {
                    changed = true;
                }
            }
        }
    }

    private static boolean isWithin(TokenizerFile file, String token, long rows) {
        Integer id = file.ids().get(token);
        return id != null && id < rows;
    }

    private void requireSameKind(TokenizerFile other, List<String> fresh) {
        String reason = "";
        if (other.kind() != origin.kind()) {
            reason = "one is " + origin.kind().label() + ", the other " + other.kind().label();
        } else if (other.spellsBytes() != origin.spellsBytes()) {
            reason = "one spells bytes, the other characters";
        } else if (!other.setting("continuing_subword_prefix")
                        .equals(origin.setting("continuing_subword_prefix"))
                || !other.setting("end_of_word_suffix")
                        .equals(origin.setting("end_of_word_suffix"))) {
            reason = "they mark the parts of a word differently";
        } else if (origin.kind() == Kind.UNIGRAM && !fresh.isEmpty()) {
            reason = "the scores of their pieces (Unigram) cannot be compared";
        }
        if (!reason.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "no tokenizer can be the union of '"
                                    + origin.path()
                                    + "' and '"
                                    + other.path()
                                    + "': "
                                    + reason)
                    .remedy(
                            "use 'tokenizer_source: base', or name the model whose tokenizer to"
                                    + " keep");
        }
    }

    /// Adds the tokens that another model's tokenizer finds in text before it is cut into words.
    void addAddedTokens(TokenizerFile other, long rows) {
        other.added()
                .forEach((token, entry) -> {
                    if (isWithin(other, token, rows) && !added.containsKey(token)) {
                        number(token);
                        added.put(token, entry.deepCopy());
                        changed = true;
                    }
                });
    }

    /// Adds a token that no model has. What is spelt in angle or square brackets counts as special.
    void addNew(String token) {
        if (ids.containsKey(token)) {
            return;
        }
        number(token);
        boolean special =
                (token.startsWith("<") && token.endsWith(">"))
                        || (token.startsWith("[") && token.endsWith("]"));
        ObjectNode entry = root.objectNode();
        entry.put("id", 0);
        entry.put("content", token);
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            entry.put(flag, false);
        }
        entry.put("special", special);
        added.put(token, entry);
    }

    private void number(String token) {
        if (ids.putIfAbsent(token, next) == null) {
            next++;
            changed = true;
        }
    }

    /// Every token with its id.
    Map<String, Integer> ids() {
        return ids;
    }

    /// The entries of `added_tokens`, with their ids.
    Map<String, ObjectNode> added() {
        return added;
    }

    /// The highest id + 1.
    int size() {
        return next;
    }

    /// Whether it is another tokenizer than the one it began with.
    boolean isChanged() {
        return changed;
    }

    /// The whole `tokenizer.json`.
    ///
    /// Libraries number added tokens themselves, one after the other behind the vocabulary. Where
    /// words come after them, or ids are left out, every token has to stand in the vocabulary too.
    ObjectNode document() {
        added.forEach((token, entry) -> entry.put("id", ids.get(token)));
        ArrayNode entries = root.arrayNode();
        added.values().stream()
                .sorted(Comparator.comparingInt((ObjectNode entry) -> entry.path("id").asInt()))
                .forEach(entries::add);
        root.set("added_tokens", entries);
        if (model().path("vocab") instanceof ObjectNode vocabulary
                && (!words.isEmpty() || ids.size() != next)) {
            ids.forEach((token, id) -> vocabulary.put(token, id));
        }
        if (origin.kind() == Kind.BPE) {
            JsonNode vocabulary = model().path("vocab");
            merges.removeIf(pair -> !pair.consistsOf(vocabulary::has));
            Merges.replace(model(), merges);
        }
        return root;
    }

    private ObjectNode model() {
        return (ObjectNode) root.path("model");
    }
}
