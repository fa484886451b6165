package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.TokenizerConfig;
import dev.tailor.merge.TokenizerConfig.RowSource;
import dev.tailor.merge.TokenizerConfig.Source;
import dev.tailor.merge.TokenizerConfig.TokenRule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Reads what a merge says of its vocabulary: `tokenizer_source`, or a `tokenizer` mapping.
///
/// @param base the merge's base model
/// @param models the models that are merged, the base among them: only they have rows to give
record TokenizerReader(Optional<ModelReference> base, Set<ModelReference> models) {
    /// Far above what any processor likes best, far below what could fill a disk.
    private static final long MOST_PADDING = 65_536;

    Optional<TokenizerConfig> read(MappingReader file) {
        Optional<YamlNode> source = file.node("tokenizer_source");
        Optional<YamlNode> full = file.node("tokenizer");
        if (source.isPresent() && full.isPresent()) {
            throw invalid(
                    file.keyLocation("tokenizer"),
                    "'tokenizer' and 'tokenizer_source' say the same: give one");
        }
        if (full.isPresent()) {
            return Optional.of(mapping(MappingReader.of(full.get(), "'tokenizer'")));
        }
        return source.map(node -> new TokenizerConfig(source(node), Map.of(), 1, node.location()));
    }

    private TokenizerConfig mapping(MappingReader tokenizer) {
        Source source = tokenizer.node("source").map(this::source).orElse(new Source.Union());
        Map<String, TokenRule> rules = new LinkedHashMap<>();
        Optional<MappingReader> tokens = tokenizer.mapping("tokens");
        if (tokens.isPresent()) {
            for (String token : tokens.get().keys()) {
                if (token.isEmpty()) {
                    throw invalid(tokens.get().keyLocation(token), "a token needs a spelling");
                }
                YamlNode rule =
                        tokens.get()
                                .node(token)
                                .orElseThrow(() ->
                                        invalid(
                                                tokens.get().keyLocation(token),
                                                "the token '" + token + "' needs a 'source'"));
                rules.put(token, rule(MappingReader.of(rule, "a token's rule")));
            }
        }
        OptionalLong multiple = tokenizer.integer("pad_to_multiple_of");
        if (multiple.isPresent()
                && (multiple.getAsLong() < 1 || multiple.getAsLong() > MOST_PADDING)) {
            throw invalid(
                    tokenizer.valueLocation("pad_to_multiple_of"),
                    "'pad_to_multiple_of' must be from 1 to %d, not %d"
                            .formatted(MOST_PADDING, multiple.getAsLong()));
        }
        tokenizer.finish();
        return new TokenizerConfig(source, rules, (int) multiple.orElse(1), tokenizer.location());
    }

    private Source source(YamlNode node) {
        ModelReference model = MergeConfigReader.model(node);
        return switch (model.text()) {
            case "union" -> new Source.Union();
            case "base" ->
                    new Source.OfModel(
                            base.orElseThrow(() ->
                                    invalid(
                                            model.location(),
                                            "there is no 'base_model' to take it from")));
            default -> new Source.OfModel(model);
        };
    }

    private TokenRule rule(MappingReader rule) {
        YamlNode source = rule.required("source");
        boolean force = rule.bool("force").orElse(false);
        rule.finish();
        return new TokenRule(rowSource(source), force, source.location());
    }

    /// A model, or a mapping with `kind`. A mapping without is a model with its adapter.
    private RowSource rowSource(YamlNode node) {
        if (!(node instanceof YamlNode.Mapping mapping) || !mapping.entries().containsKey("kind")) {
            return new RowSource.SameToken(known(node));
        }
        MappingReader source = MappingReader.of(node, "a token's source");
        String kind = source.text("kind").orElse("");
        RowSource read =
                switch (kind) {
                    case "zero" -> new RowSource.Zero();
                    case "model_token" -> modelToken(source);
                    default ->
                            throw invalid(
                                            source.valueLocation("kind"),
                                            "unknown kind '" + kind + "' of a token's source")
                                    .remedy(
                                            Suggestion.advice(
                                                    kind, List.of("model_token", "zero")));
                };
        source.finish();
        return read;
    }

    private RowSource modelToken(MappingReader source) {
        ModelReference model = known(source.required("model"));
        Optional<String> token = source.text("token");
        OptionalLong id = source.integer("token_id");
        if (token.isPresent() == id.isPresent()) {
            throw invalid(
                    token.isPresent() ? source.keyLocation("token_id") : source.location(),
                    "give either 'token' or 'token_id'");
        }
        if (token.isPresent()) {
            return new RowSource.OtherToken(model, token.get());
        }
        if (id.getAsLong() < 0 || id.getAsLong() > Integer.MAX_VALUE) {
            throw invalid(
                    source.valueLocation("token_id"),
                    "'token_id' must be a row's number from 0, not " + id.getAsLong());
        }
        return new RowSource.RowNumber(model, (int) id.getAsLong());
    }

    private ModelReference known(YamlNode node) {
        ModelReference model = MergeConfigReader.model(node);
        if (!models.contains(model)) {
            Location place = node.location();
            throw invalid(place, "'" + model + "' is none of the models of this merge")
                    .remedy(
                            Suggestion.advice(
                                    model.text(),
                                    models.stream().map(ModelReference::text).toList()));
        }
        return model;
    }
}
