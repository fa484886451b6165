package dev.tailor.text;

import dev.tailor.core.AtomicWrite;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A trained byte-level BPE vocabulary: special tokens, 256 bytes, then one token per merge.
public final class BpeVocabulary {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final BpeSettings settings;
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<Merge> merges = new ArrayList<>();

    /// Two tokens that become one, in the spelling of the vocabulary.
    public record Merge(String left, String right) {}

    BpeVocabulary(BpeSettings settings, List<String> bytes) {
        this.settings = settings;
        settings.specialTokens().forEach(this::idOf);
        bytes.forEach(this::idOf);
    }

    private int idOf(String token) {
        Integer known = ids.putIfAbsent(token, tokens.size());
        if (known != null) {
            return known;
        }
        tokens.add(token);
        return tokens.size() - 1;
    }

    /// Notes a merge; the id of its result, which is an old one if other merges spell the same.
    int merge(int left, int right) {
        Merge merge = new Merge(tokens.get(left), tokens.get(right));
        merges.add(merge);
        return idOf(merge.left() + merge.right());
    }

    /// The number of tokens.
    public int size() {
        return tokens.size();
    }

    /// The tokens in the order of their ids.
    public List<String> tokens() {
        return List.copyOf(tokens);
    }

    /// The merges in the order they were learnt.
    public List<Merge> merges() {
        return List.copyOf(merges);
    }

    /// Writes `tokenizer.json`, `tokenizer_config.json` and, if there is a chat template,
    /// `chat_template.jinja` into a directory that exists.
    public void save(Path directory) {
        write(directory.resolve("tokenizer.json"), MAPPER.writeValueAsString(tokenizerJson()));
        write(
                directory.resolve("tokenizer_config.json"),
                MAPPER.writeValueAsString(tokenizerConfig()));
        settings.chatTemplate()
                .ifPresent(template -> write(directory.resolve("chat_template.jinja"), template));
    }

    private ObjectNode tokenizerJson() {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (String token : settings.specialTokens()) {
            added.addObject()
                    .put("id", ids.get(token))
                    .put("content", token)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        root.putNull("normalizer");
        ArrayNode steps =
                root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = steps.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", settings.split().regex());
        split.put("behavior", "Isolated").put("invert", false);
        steps.add(byteLevel(false));
        root.set("post_processor", postProcessor());
        root.set("decoder", byteLevel(true));
        root.set("model", model());
        return root;
    }

    /// @param regex a flag that only a pre-tokenizer heeds: whether to split as GPT-2 does
    private static ObjectNode byteLevel(boolean regex) {
        return MAPPER.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", regex);
    }

    private ObjectNode postProcessor() {
        Optional<String> bos = settings.bos();
        if (!settings.addBos() || bos.isEmpty()) {
            return byteLevel(true);
        }
        ObjectNode template = MAPPER.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        sequence(single, bos.get(), "A", 0);
        ArrayNode pair = template.putArray("pair");
        sequence(pair, bos.get(), "A", 0);
        sequence(pair, bos.get(), "B", 1);
        ObjectNode token = template.putObject("special_tokens").putObject(bos.get());
        token.put("id", bos.get());
        token.putArray("ids").add(ids.get(bos.get()));
        token.putArray("tokens").add(bos.get());
        return template;
    }

    private static void sequence(ArrayNode to, String bos, String sequence, int type) {
        to.addObject().putObject("SpecialToken").put("id", bos).put("type_id", type);
        to.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
    }

    private ObjectNode model() {
        ObjectNode model = MAPPER.createObjectNode().put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(tokens.get(id), id);
        }
        ArrayNode list = model.putArray("merges");
        merges.forEach(merge -> list.addArray().add(merge.left()).add(merge.right()));
        return model;
    }

    private ObjectNode tokenizerConfig() {
        ObjectNode config = MAPPER.createObjectNode();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        settings.bos().ifPresent(token -> config.put("bos_token", token));
        settings.eos().ifPresent(token -> config.put("eos_token", token));
        settings.pad().ifPresent(token -> config.put("pad_token", token));
        config.put("add_bos_token", settings.addBos());
        config.put("clean_up_tokenization_spaces", false);
        return config;
    }

    private static void write(Path file, String text) {
        AtomicWrite.text(file, text);
    }
}
