package dev.tailor.export.internal.tokenizer;

import tools.jackson.databind.JsonNode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The special tokens of a model as texts.
///
/// @param variables `bos_token`, `eos_token`, `pad_token`, `unk_token`, those that there are: what
///   chat templates may use
/// @param addsBos whether the beginning-of-text token stands before every text
/// @param stops what ends an answer, the end-of-text token first
public record ModelTokens(Map<String, String> variables, boolean addsBos, List<String> stops) {
    /// The special tokens of a model directory.
    public static ModelTokens of(TokenizerFiles files) {
        JsonNode rows = files.model().path("vocab_size");
        Vocabulary vocabulary =
                Vocabulary.of(files.tokenizer(), files.tokenizerFile(), rows.asLong(0));
        SpecialTokens special =
                SpecialTokens.of(files, vocabulary, ChatTemplates.of(files).usual());
        Map<String, String> variables = new LinkedHashMap<>();
        special.byRole()
                .forEach((role, id) -> {
                    switch (role) {
                        case "bos" -> variables.put("bos_token", vocabulary.token(id));
                        case "eos" -> variables.put("eos_token", vocabulary.token(id));
                        case "padding" -> variables.put("pad_token", vocabulary.token(id));
                        case "unknown" -> variables.put("unk_token", vocabulary.token(id));
                        default -> {}
                    }
                });
        return new ModelTokens(
                variables,
                special.addsBos(),
                special.stops().stream().map(vocabulary::token).toList());
    }

    /// The beginning-of-text token, or an empty text.
    public String bos() {
        return variables.getOrDefault("bos_token", "");
    }
}
