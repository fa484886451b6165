package dev.tailor.serve.internal.api;

import dev.tailor.core.Seed;
import dev.tailor.serve.internal.engine.TokenChoice;
import dev.tailor.torch.SamplingSettings;

import tools.jackson.databind.JsonNode;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What chats and completions have in common.
///
/// @param model the model or adapter that is asked, empty for the model
/// @param choice how tokens are chosen; the limit in it is -1 where none is given
/// @param stops texts that end an answer
/// @param count answers to each prompt
/// @param stream whether the answer comes in pieces
/// @param includeUsage whether a stream ends with the counts of tokens
record CommonFields(
        String model,
        TokenChoice choice,
        Optional<Integer> maxTokens,
        List<String> stops,
        int count,
        boolean stream,
        boolean includeUsage) {
    private static final int MAX_STOPS = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Most answers to one prompt.
    static final int MAX_COUNT = 64;

    static CommonFields read(Fields fields, int vocabulary) {
        boolean stream = fields.flag("stream");
        boolean usage = false;
        Optional<JsonNode> options = fields.any("stream_options");
        if (options.isPresent()) {
            if (!stream) {
                throw fields.invalid("stream_options", "needs 'stream': true");
            }
            Fields inner = Fields.of(options.get(), fields.path("stream_options"));
            usage = inner.flag("include_usage");
            inner.ignore("include_obfuscation");
            inner.requireNoOthers();
        }
        fields.ignore(
                "user",
                "metadata",
                "store",
                "service_tier",
                "safety_identifier",
                "prompt_cache_key");
        Optional<Integer> limit = fields.integer("max_tokens", 0, Integer.MAX_VALUE);
        Optional<Integer> newer = fields.integer("max_completion_tokens", 0, Integer.MAX_VALUE);
        return new CommonFields(
                fields.text("model").orElse(""),
                choice(fields, vocabulary),
                newer.isPresent() ? newer : limit,
                stops(fields),
                fields.integer("n", 1, MAX_COUNT).orElse(1),
                stream,
                usage);
    }

    private static TokenChoice choice(Fields fields, int vocabulary) {
        double temperature = fields.number("temperature", 0, 100).orElse(1.0);
        int topK = fields.integer("top_k", -1, Integer.MAX_VALUE).orElse(0);
        double topP = fields.number("top_p", 0, 1).orElse(1.0);
        double minP = fields.number("min_p", 0, 1).orElse(0.0);
        double repetition = fields.number("repetition_penalty", 0.01, 100).orElse(1.0);
        SamplingSettings sampling =
                new SamplingSettings(
                        temperature,
                        Math.max(0, topK),
                        // A mass of nothing is the likeliest token alone.
                        Math.max(topP, Double.MIN_NORMAL),
                        minP,
                        repetition,
                        0);
        return new TokenChoice(
                sampling,
                bias(fields, vocabulary),
                fields.number("frequency_penalty", -2, 2).orElse(0.0),
                fields.number("presence_penalty", -2, 2).orElse(0.0),
                new Seed(seed(fields)));
    }

    private static long seed(Fields fields) {
        return fields.any("seed")
                .map(value -> {
                    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                        throw fields.invalid("seed", "must be a whole number of 64 bits");
                    }
                    return value.longValue();
                })
                .orElseGet(RANDOM::nextLong);
    }

    private static Map<Integer, Float> bias(Fields fields, int vocabulary) {
        Map<Integer, Float> bias = new HashMap<>();
        Optional<JsonNode> given = fields.any("logit_bias");
        if (given.isEmpty()) {
            return bias;
        }
        Fields tokens = Fields.of(given.get(), fields.path("logit_bias"));
        for (String name : given.get().propertyNames()) {
            int token;
            try {
                token = Integer.parseInt(name);
            } catch (NumberFormatException e) {
                throw tokens.invalid(name, "must be a token's id");
            }
            if (token < 0 || token >= vocabulary) {
                throw tokens.invalid(name, "is outside the vocabulary of " + vocabulary);
            }
            tokens.number(name, -100, 100).ifPresent(value -> bias.put(token, value.floatValue()));
        }
        return bias;
    }

    private static List<String> stops(Fields fields) {
        List<String> stops = new ArrayList<>();
        fields.any("stop")
                .ifPresent(value -> {
                    for (JsonNode each : value.isArray() ? value : List.of(value)) {
                        if (!each.isString()) {
                            throw fields.invalid("stop", "must be a string or a list of strings");
                        }
                        stops.add(each.stringValue());
                    }
                });
        if (stops.size() > MAX_STOPS) {
            throw fields.invalid("stop", "may hold at most " + MAX_STOPS + " strings");
        }
        stops.removeIf(String::isEmpty);
        return List.copyOf(stops);
    }

    /// How tokens are chosen, with the limit.
    TokenChoice choice(int maxTokens) {
        SamplingSettings s = choice.sampling();
        return new TokenChoice(
                new SamplingSettings(
                        s.temperature(),
                        s.topK(),
                        s.topP(),
                        s.minP(),
                        s.repetitionPenalty(),
                        maxTokens),
                choice.bias(),
                choice.frequencyPenalty(),
                choice.presencePenalty(),
                choice.seed());
    }
}
