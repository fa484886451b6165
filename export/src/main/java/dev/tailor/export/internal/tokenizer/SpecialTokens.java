package dev.tailor.export.internal.tokenizer;

import dev.tailor.export.internal.JsonFile;

import tools.jackson.databind.JsonNode;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// The ids that mean something to a program: where a text begins and ends.
///
/// @param byRole `bos`, `eos`, `eot` (end of a chat turn, where it is not `eos`), `unknown`,
///   `padding`
/// @param stops every token that ends an answer, the end-of-text token first
record SpecialTokens(
        Map<String, Integer> byRole, Set<Integer> stops, boolean addsBos, boolean addsEos) {
    /// What models of the families at hand end a turn with.
    private static final List<String> ENDS_OF_TURN =
            List.of("<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|end_of_text|>");

    static SpecialTokens of(TokenizerFiles files, Vocabulary vocabulary, String template) {
        Map<String, Integer> byRole = new TreeMap<>();
        put(byRole, "bos", find(files, vocabulary, "bos"));
        put(byRole, "eos", find(files, vocabulary, "eos"));
        put(byRole, "unknown", find(files, vocabulary, "unk"));
        put(byRole, "padding", find(files, vocabulary, "pad"));
        Set<Integer> stops = new LinkedHashSet<>();
        if (byRole.containsKey("eos")) {
            stops.add(byRole.get("eos"));
        }
        addAll(stops, files.generation().path("eos_token_id"), vocabulary);
        addAll(stops, files.model().path("eos_token_id"), vocabulary);
        for (String end : ENDS_OF_TURN) {
            OptionalInt id = vocabulary.id(end);
            if (id.isPresent() && template.contains(end)) {
                stops.add(id.getAsInt());
            }
        }
        stops.stream()
                .filter(id -> !id.equals(byRole.get("eos")))
                .filter(id -> template.contains(vocabulary.token(id)))
                .findFirst()
                .ifPresent(id -> byRole.put("eot", id));
        return new SpecialTokens(
                byRole, stops, adds(files, byRole, "bos"), adds(files, byRole, "eos"));
    }

    private static void put(Map<String, Integer> byRole, String role, OptionalInt id) {
        if (id.isPresent()) {
            byRole.put(role, id.getAsInt());
        }
    }

    /// The tokenizer's word counts first, as transformers has it; then config.json's number.
    private static OptionalInt find(TokenizerFiles files, Vocabulary vocabulary, String role) {
        for (JsonNode node : List.of(files.config(), files.specialTokensMap())) {
            OptionalInt id =
                    JsonFile.string(node, role + "_token")
                            .map(vocabulary::id)
                            .orElse(OptionalInt.empty());
            if (id.isPresent()) {
                return id;
            }
        }
        if (role.equals("unk") && files.tokenizer().path("model").path("unk_token").isString()) {
            return vocabulary.id(files.tokenizer().path("model").path("unk_token").stringValue());
        }
        JsonNode number = files.model().path(role + "_token_id");
        JsonNode first = number.isArray() ? number.path(0) : number;
        return first.isIntegralNumber() && isId(first, vocabulary)
                ? OptionalInt.of(first.intValue())
                : OptionalInt.empty();
    }

    private static void addAll(Set<Integer> stops, JsonNode ids, Vocabulary vocabulary) {
        if (isId(ids, vocabulary)) {
            stops.add(ids.intValue());
        }
        ids.forEach(id -> {
            if (isId(id, vocabulary)) {
                stops.add(id.intValue());
            }
        });
    }

    private static boolean isId(JsonNode node, Vocabulary vocabulary) {
        return node.isIntegralNumber()
                && node.intValue() >= 0
                && node.intValue() < vocabulary.size();
    }

    /// `add_bos_token` of the configuration, or else what the post-processor of the tokenizer does.
    private static boolean adds(TokenizerFiles files, Map<String, Integer> byRole, String role) {
        JsonNode flag = files.config().path("add_" + role + "_token");
        if (flag.isBoolean()) {
            return flag.booleanValue();
        }
        Integer id = byRole.get(role);
        return id != null && processorAdds(files.tokenizer().path("post_processor"), role, id);
    }

    private static boolean processorAdds(JsonNode processor, String role, int id) {
        if (processor.path("type").asString("").equals("Sequence")) {
            for (JsonNode step : processor.path("processors")) {
                if (processorAdds(step, role, id)) {
                    return true;
                }
            }
            return false;
        }
        JsonNode single = processor.path("single");
        JsonNode edge = role.equals("bos") ? single.path(0) : single.path(single.size() - 1);
        String token = edge.path("SpecialToken").path("id").asString("");
        JsonNode ids = processor.path("special_tokens").path(token).path("ids");
        return ids.path(0).asInt(-1) == id;
    }
}
