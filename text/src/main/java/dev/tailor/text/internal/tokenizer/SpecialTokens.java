package dev.tailor.text.internal.tokenizer;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// What a model's side files say about its special tokens. Where they differ the tokenizer's own
/// files go before the model's, as in transformers.
public record SpecialTokens(
        @Nullable String bos,
        @Nullable String eos,
        @Nullable String pad,
        Set<Integer> stopIds,
        Set<String> special) {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    // phi-3 marks </s>, and Qwen <|fim_prefix|>, as not special: what is spelt like a control token
    // is one whatever the flag says. <think> and <tool_call> stay what they are: text with an id.
    private static final Pattern CONTROL =
            Pattern.compile("<\\|.*\\|>|</?s>|<(unk|pad|bos|eos|mask)>", Pattern.DOTALL);

    /// Reads `tokenizer_config.json`, `special_tokens_map.json`, `generation_config.json` and
    /// `config.json` of a model directory, each of them optional.
    public static SpecialTokens read(Path directory, TokenizerJson tokenizer) {
        JsonNode tokens = tree(directory.resolve("tokenizer_config.json"));
        JsonNode map = tree(directory.resolve("special_tokens_map.json"));
        JsonNode generation = tree(directory.resolve("generation_config.json"));
        JsonNode config = tree(directory.resolve("config.json"));
        Map<Integer, String> byId = new HashMap<>();
        tokenizer.ids().forEach((token, id) -> byId.put(id, token));

        Named named = new Named(tokens, map, generation, config, byId);
        String bos = named.token("bos");
        String eos = named.token("eos");
        String pad = named.token("pad");
        Set<Integer> stops = new LinkedHashSet<>();
        if (eos != null && tokenizer.ids().get(eos) instanceof Integer id) {
            stops.add(id);
        }
        addIds(stops, generation.path("eos_token_id"));
        addIds(stops, config.path("eos_token_id"));
        addIds(stops, config.path("text_config").path("eos_token_id"));

        Set<String> special = new LinkedHashSet<>();
        for (TokenizerJson.AddedToken added : tokenizer.added()) {
            if (added.special()
                    || CONTROL.matcher(added.content()).matches()
                    || stops.contains(added.id())
                    || added.content().equals(bos)
                    || added.content().equals(pad)) {
                special.add(added.content());
            }
        }
        return new SpecialTokens(bos, eos, pad, stops, special);
    }

    private record Named(
            JsonNode tokens,
            JsonNode map,
            JsonNode generation,
            JsonNode config,
            Map<Integer, String> byId) {
        @Nullable String token(String name) {
            for (JsonNode source : new JsonNode[] {tokens, map}) {
                JsonNode token = source.path(name + "_token");
                String content =
                        token.isString() ? token.stringValue() : token.path("content").asString("");
                if (!content.isEmpty()) {
                    return content;
                }
            }
            for (JsonNode source : new JsonNode[] {generation, config}) {
                JsonNode id = source.path(name + "_token_id");
                JsonNode first = id.isArray() ? id.path(0) : id;
                if (first.isInt()) {
                    return byId.get(first.intValue());
                }
            }
            return null;
        }
    }

    private static void addIds(Set<Integer> ids, JsonNode node) {
        if (node.isInt()) {
            ids.add(node.intValue());
        } else if (node.isArray()) {
            node.forEach(each -> addIds(ids, each));
        }
    }

    private static JsonNode tree(Path file) {
        if (!Files.isRegularFile(file)) {
            return MissingNode.getInstance();
        }
        try {
            return MAPPER.readTree(file);
        } catch (JacksonException e) {
            throw TokenizerJson.corrupt(file, "not valid JSON: " + e.getOriginalMessage())
                    .causedBy(e);
        }
    }
}
