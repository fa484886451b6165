package dev.tailor.torch.internal.config;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Optional;
import java.util.OptionalInt;

/// Reads typed values from a `config.json`; what is wrong becomes an error that names the key.
record ConfigReader(ObjectNode json) {
    /// The first entry of `architectures`.
    String architecture() {
        JsonNode names = json.path("architectures");
        if (!names.isArray() || names.isEmpty() || !names.get(0).isString()) {
            throw invalid("'architectures' is missing: cannot tell which model this is");
        }
        return names.get(0).asString();
    }

    /// A whole number of at least 1.
    int positive(String key) {
        return optionalPositive(key).orElseThrow(() -> invalid("'" + key + "' is missing"));
    }

    /// A whole number of at least 1, if it is there.
    Optional<Integer> optionalPositive(String key) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 1) {
            throw invalid("'" + key + "' must be a positive whole number, not " + node);
        }
        return Optional.of(node.asInt());
    }

    /// A number, or what it is when absent.
    double number(String key, double absent) {
        return number(json, key).orElse(absent);
    }

    /// A number that may be switched off by a null, or what it is when absent.
    double number(String key, double absent, double switchedOff) {
        return json.has(key) && json.get(key).isNull() ? switchedOff : number(key, absent);
    }

    /// The positions of a sliding window. A null means that there is none.
    ///
    /// @param absent what it is without the key; 0: there is none
    OptionalInt window(String key, int absent) {
        if (json.has(key)) {
            Optional<Integer> window = optionalPositive(key);
            return window.isPresent() ? OptionalInt.of(window.get()) : OptionalInt.empty();
        }
        return absent > 0 ? OptionalInt.of(absent) : OptionalInt.empty();
    }

    /// What the balance of a router counts. As in transformers it does only where
    /// `output_router_logits` is on.
    double routerBalance() {
        return flag("output_router_logits", false) ? number("router_aux_loss_coef", 0.001) : 0;
    }

    /// A number in some object of the file, if it is there.
    static Optional<Double> number(JsonNode object, String key) {
        JsonNode node = object.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isNumber() || !Double.isFinite(node.asDouble())) {
            throw invalid("'" + key + "' must be a number, not " + node);
        }
        return Optional.of(node.asDouble());
    }

    /// A truth value, or what it is when absent.
    boolean flag(String key, boolean absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return absent;
        }
        if (!node.isBoolean()) {
            throw invalid("'" + key + "' must be true or false, not " + node);
        }
        return node.asBoolean();
    }

    /// A text, or what it is when absent.
    String text(String key, String absent) {
        JsonNode node = json.path(key);
        return node.isString() ? node.asString() : absent;
    }

    /// The error for a wrong configuration.
    static TailorException invalid(String what) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what).at("config.json");
    }
}
