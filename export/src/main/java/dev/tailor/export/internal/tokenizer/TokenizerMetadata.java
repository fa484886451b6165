package dev.tailor.export.internal.tokenizer;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.GgufValue;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The `tokenizer.*` metadata of a GGUF file.
///
/// @param kind `gpt2` (byte-level BPE), `llama` (SentencePiece BPE) or `t5` (Unigram)
/// @param preTokenizer the split before merging
/// @param paddedRows rows of the embedding that no token has, named `[PAD<id>]`
/// @param notes what llama.cpp will do differently
public record TokenizerMetadata(
        String kind,
        String preTokenizer,
        Map<String, GgufValue> values,
        int paddedRows,
        List<String> notes) {
    /// Makes the metadata from the files of a model.
    ///
    /// @param rows rows of the embedding
    /// @param override a pre-tokenizer chosen by hand
    /// @throws TailorException `MODEL_INVALID` if the tokenizer cannot be expressed or has ids
    ///   beyond the embedding
    public static TokenizerMetadata of(TokenizerFiles files, long rows, Optional<String> override) {
        Builder builder = new Builder(files, rows);
        JsonNode model = files.tokenizer().path("model");
        String type = model.path("type").asString("BPE");
        if (type.equals("Unigram")) {
            builder.unigram();
        } else if (type.equals("BPE") && builder.isByteLevel()) {
            builder.byteLevel(override);
        } else if (type.equals("BPE") && model.path("byte_fallback").asBoolean(false)) {
            builder.sentencePiece();
        } else {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "a tokenizer of type "
                                    + type
                                    + " that is neither byte-level BPE nor"
                                    + " SentencePiece cannot be exported to GGUF")
                    .at(files.tokenizerFile());
        }
        builder.special();
        builder.templates();
        return builder.build();
    }

    private static final class Builder {
        private static final String PREFIX = "tokenizer.ggml.";

        private final TokenizerFiles files;
        private final JsonNode model;
        private final Vocabulary vocabulary;
        private final ChatTemplates templates;
        private final SpecialTokens special;
        private final Map<String, GgufValue> values = new LinkedHashMap<>();
        private final List<String> notes = new ArrayList<>();
        private String kind = "";
        private String preTokenizer = "default";

        Builder(TokenizerFiles files, long rows) {
            this.files = files;
            model = files.tokenizer().path("model");
            vocabulary = Vocabulary.of(files.tokenizer(), files.tokenizerFile(), rows);
            templates = ChatTemplates.of(files);
            special = SpecialTokens.of(files, vocabulary, templates.usual());
        }

        boolean isByteLevel() {
            return uses(files.tokenizer().path("pre_tokenizer"), "ByteLevel")
                    || uses(files.tokenizer().path("decoder"), "ByteLevel");
        }

        void byteLevel(Optional<String> override) {
            PreTokenizer recognised = PreTokenizer.recognise(files.tokenizer());
            if (override.isEmpty() && !recognised.recognised()) {
                notes.add(
                        "the way tokenizer.json splits text is none that llama.cpp is known to"
                                + " have, so the file says 'default' and tokens may differ; choose"
                                + " one by hand if you know it");
            }
            begin("gpt2", override.orElse(recognised.name()));
            put("tokens", GgufValue.texts(vocabulary.tokens()));
            put("token_type", GgufValue.int32s(vocabulary.typeNumbers()));
            Merges merges = Merges.of(model, vocabulary, files.tokenizerFile());
            put("merges", GgufValue.texts(merges.texts()));
        }

        void sentencePiece() {
            vocabulary.markBytesAndUnknown(unknown());
            begin("llama", "default");
            put("tokens", GgufValue.texts(vocabulary.tokens()));
            Merges merges = Merges.of(model, vocabulary, files.tokenizerFile());
            put("scores", GgufValue.float32s(merges.scores(vocabulary)));
            put("token_type", GgufValue.int32s(vocabulary.typeNumbers()));
            put("add_space_prefix", GgufValue.bool(prependsSpace()));
        }

        void unigram() {
            JsonNode number = model.path("unk_id");
            vocabulary.markBytesAndUnknown(
                    number.isIntegralNumber()
                            ? OptionalInt.of(number.intValue())
                            : OptionalInt.empty());
            begin("t5", "default");
            put("tokens", GgufValue.texts(vocabulary.tokens()));
            put("scores", GgufValue.float32s(unigramScores()));
            put("token_type", GgufValue.int32s(vocabulary.typeNumbers()));
            put("add_space_prefix", GgufValue.bool(prependsSpace()));
            if (model.path("byte_fallback").asBoolean(false)) {
                notes.add(
                        "llama.cpp has no byte fallback for Unigram tokenizers: text outside of"
                                + " the vocabulary becomes the unknown token");
            }
            if (uses(files.tokenizer().path("normalizer"), "Precompiled")) {
                notes.add(
                        "the tokenizer's own normalisation table is not exported: unusual"
                                + " characters may be tokenized differently");
            }
        }

        private void begin(String kind, String preTokenizer) {
            this.kind = kind;
            this.preTokenizer = preTokenizer;
            put("model", GgufValue.text(kind));
            put("pre", GgufValue.text(preTokenizer));
        }

        private List<Float> unigramScores() {
            List<Float> scores = new ArrayList<>();
            JsonNode pieces = model.path("vocab");
            for (int id = 0; id < vocabulary.size(); id++) {
                scores.add((float) pieces.path(id).path(1).asDouble(0));
            }
            return scores;
        }

        private OptionalInt unknown() {
            Integer id = special.byRole().get("unknown");
            return id == null ? OptionalInt.empty() : OptionalInt.of(id);
        }

        /// SentencePiece puts a space before the first word; `tokenizer.json` says so in one of two
        /// places.
        private boolean prependsSpace() {
            JsonNode metaspace = find(files.tokenizer().path("pre_tokenizer"), "Metaspace");
            if (!metaspace.isMissingNode()) {
                return metaspace.hasNonNull("prepend_scheme")
                        ? !metaspace.path("prepend_scheme").asString("").equals("never")
                        : metaspace.path("add_prefix_space").asBoolean(true);
            }
            return uses(files.tokenizer().path("normalizer"), "Prepend");
        }

        void special() {
            special.byRole().forEach((role, id) -> put(role + "_token_id", GgufValue.uint32(id)));
            put("add_bos_token", GgufValue.bool(special.addsBos()));
            put("add_eos_token", GgufValue.bool(special.addsEos()));
            if (!special.byRole().containsKey("eos")) {
                notes.add(
                        "the model names no end-of-text token: llama.cpp will take one of its own"
                                + " choice; name it as eos_token in tokenizer_config.json");
            }
        }

        void templates() {
            templates
                    .byName()
                    .forEach((name, template) -> {
                        String key =
                                name.equals("default")
                                        ? "tokenizer.chat_template"
                                        : "tokenizer.chat_template." + name;
                        values.put(
                                key,
                                GgufValue.text(ChatTemplates.withoutGenerationBlocks(template)));
                    });
            List<String> others =
                    templates.byName().keySet().stream()
                            .filter(name -> !name.equals("default"))
                            .toList();
            if (!others.isEmpty()) {
                values.put("tokenizer.chat_templates", GgufValue.texts(others));
            }
        }

        TokenizerMetadata build() {
            return new TokenizerMetadata(kind, preTokenizer, values, vocabulary.unused(), notes);
        }

        private void put(String key, GgufValue value) {
            values.put(PREFIX + key, value);
        }

        private static boolean uses(JsonNode node, String type) {
            return !find(node, type).isMissingNode();
        }

        /// The first component of this type, in sequences too.
        private static JsonNode find(JsonNode node, String type) {
            if (node.path("type").asString("").equals(type)) {
                return node;
            }
            for (String children : List.of("pretokenizers", "normalizers", "decoders")) {
                for (JsonNode child : node.path(children)) {
                    JsonNode found = find(child, type);
                    if (!found.isMissingNode()) {
                        return found;
                    }
                }
            }
            return tools.jackson.databind.node.MissingNode.getInstance();
        }
    }
}
