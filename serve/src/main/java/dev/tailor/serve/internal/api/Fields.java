package dev.tailor.serve.internal.api;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// The fields of a request. A null is as if the field were not there; what nobody has asked for is
/// refused in the end.
final class Fields {
    private final ObjectNode object;
    private final String prefix;
    private final Set<String> known = new HashSet<>();

    private Fields(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /// The fields of a whole request.
    static Fields of(JsonNode body) {
        return of(body, "");
    }

    /// The fields of a part of it, called `path` in messages.
    static Fields of(JsonNode part, String path) {
        if (part instanceof ObjectNode object) {
            return new Fields(object, path.isEmpty() ? "" : path + ".");
        }
        throw ApiException.invalid(
                path, (path.isEmpty() ? "the body" : path) + " must be an object");
    }

    /// How a field is called in messages.
    String path(String name) {
        return prefix + name;
    }

    /// A field of any kind.
    Optional<JsonNode> any(String name) {
        known.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /// A text.
    Optional<String> text(String name) {
        return any(name)
                .map(value -> {
                    if (!value.isString()) {
                        throw invalid(name, "must be a string");
                    }
                    return value.stringValue();
                });
    }

    /// A flag, false where it is not there.
    boolean flag(String name) {
        return any(name)
                .map(value -> {
                    if (!value.isBoolean()) {
                        throw invalid(name, "must be true or false");
                    }
                    return value.booleanValue();
                })
                .orElse(false);
    }

    /// A number within limits.
    Optional<Double> number(String name, double least, double most) {
        return any(name)
                .map(value -> {
                    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
                    if (!(number >= least && number <= most)) {
                        throw invalid(
                                name,
                                "must be a number from " + shown(least) + " to " + shown(most));
                    }
                    return number;
                });
    }

    private static String shown(double number) {
        return String.valueOf(number).replaceFirst("\\.0$", "");
    }

    /// A whole number within limits.
    Optional<Integer> integer(String name, int least, int most) {
        return any(name)
                .map(value -> {
                    boolean whole = value.isIntegralNumber() && value.canConvertToInt();
                    if (!whole || value.intValue() < least || value.intValue() > most) {
                        throw invalid(name, "must be a whole number from " + least + " to " + most);
                    }
                    return value.intValue();
                });
    }

    /// A field that other servers know and that changes nothing here.
    void ignore(String... names) {
        known.addAll(Set.of(names));
    }

    /// Refuses what nobody has asked for.
    void requireNoOthers() {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw ApiException.invalid(
                                path(name),
                                "unknown or unsupported parameter: '" + path(name) + "'")
                        .coded("unknown_parameter");
            }
        }
    }

    /// A field that is wrong.
    ApiException invalid(String name, String what) {
        return ApiException.invalid(path(name), "'" + path(name) + "' " + what);
    }
}
