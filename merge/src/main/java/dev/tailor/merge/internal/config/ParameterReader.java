package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.ParameterSpec;
import dev.tailor.merge.ParameterValue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `parameters` mappings of one merge method. What another method or an old mergekit knows is
/// read over with a note, as files in the wild are full of it; what nobody knows is an error.
///
/// @param notes takes what has no effect
record ParameterReader(MergeMethod method, List<String> notes) {
    /// Settings that mergekit takes, or took, for every method, and what became of them.
    private static final Map<String, String> WITHOUT_EFFECT =
            Map.of(
                    "int8_mask",
                    "it only chooses the type of temporary numbers",
                    "embed_slerp",
                    "it is an old setting of tokenizer merging");

    /// Reads the mapping under `parameters`, if there is one; `below` says what it belongs to.
    Map<String, ParameterValue> read(MappingReader owner, ParameterSpec.Scope below) {
        return owner.mapping("parameters").map(values -> readAll(values, below)).orElse(Map.of());
    }

    /// Reads a mapping from parameters to values.
    Map<String, ParameterValue> readAll(MappingReader parameters, ParameterSpec.Scope below) {
        Map<String, ParameterValue> values = new LinkedHashMap<>();
        for (String name : parameters.keys()) {
            Location place = parameters.keyLocation(name);
            Optional<ParameterSpec> spec = method.parameter(name);
            if (spec.isEmpty()) {
                notes.add(place + ": " + ignored(name, place));
            } else if (below == ParameterSpec.Scope.MODEL
                    && spec.get().scope() == ParameterSpec.Scope.MERGE) {
                notes.add(
                        "%s: '%s' has no effect below a model: it is a setting of the merge"
                                .formatted(place, name));
            } else {
                parameters.node(name).ifPresent(node -> values.put(name, value(spec.get(), node)));
            }
        }
        return values;
    }

    private String ignored(String name, Location place) {
        String reason = WITHOUT_EFFECT.get(name);
        if (reason != null) {
            return "'" + name + "' has no effect: " + reason;
        }
        if (Arrays.stream(MergeMethod.values())
                .anyMatch(other -> other.parameter(name).isPresent())) {
            return "'" + name + "' has no effect in a " + method.key() + " merge";
        }
        throw invalid(place, "unknown parameter '" + name + "'")
                .remedy(
                        method.parameters().isEmpty()
                                ? "a " + method.key() + " merge takes no parameters"
                                : Suggestion.advice(
                                        name,
                                        method.parameters().stream()
                                                .map(ParameterSpec::name)
                                                .toList()));
    }

    private static ParameterValue value(ParameterSpec spec, YamlNode node) {
        return switch (node) {
            case YamlNode.Scalar scalar -> new ParameterValue.Constant(number(spec, scalar));
            case YamlNode.Mapping mapping ->
                    new ParameterValue.Filtered(List.of(choice(spec, mapping)));
            case YamlNode.Sequence sequence -> list(spec, sequence);
        };
    }

    private static ParameterValue list(ParameterSpec spec, YamlNode.Sequence sequence) {
        if (sequence.items().isEmpty()) {
            throw invalid(sequence.location(), "'" + spec.name() + "' has no values");
        }
        if (sequence.items().stream().noneMatch(YamlNode.Mapping.class::isInstance)) {
            List<Double> knots = new ArrayList<>();
            for (YamlNode item : sequence.items()) {
                knots.add(number(spec, item));
            }
            return new ParameterValue.Gradient(knots);
        }
        List<ParameterValue.Choice> choices = new ArrayList<>();
        for (YamlNode item : sequence.items()) {
            choices.add(
                    item instanceof YamlNode.Mapping mapping
                            ? choice(spec, mapping)
                            : new ParameterValue.Choice("*", value(spec, item)));
        }
        return new ParameterValue.Filtered(choices);
    }

    private static ParameterValue.Choice choice(ParameterSpec spec, YamlNode.Mapping mapping) {
        MappingReader reader = MappingReader.of(mapping, "a value of '" + spec.name() + "'");
        ParameterValue value = value(spec, reader.required("value"));
        String filter = reader.text("filter").orElse("*");
        reader.finish();
        return new ParameterValue.Choice(filter, value);
    }

    /// Booleans count as 1 and 0, and numbers may stand in quotes, as in mergekit.
    private static double number(ParameterSpec spec, YamlNode node) {
        Object value = node instanceof YamlNode.Scalar scalar ? scalar.value() : null;
        double number =
                switch (value) {
                    case Boolean flag -> flag ? 1 : 0;
                    case Number n -> n.doubleValue();
                    case String text -> parsed(text);
                    case null, default -> Double.NaN;
                };
        boolean fits =
                Double.isFinite(number)
                        && switch (spec.kind()) {
                            case NUMBER, FLAG -> true;
                            case POSITIVE -> number > 0;
                            case COUNT ->
                                    number >= 1
                                            && number <= 1_000_000
                                            && number == Math.rint(number);
                            case FRACTION -> number >= 0;
                        };
        if (!fits) {
            throw invalid(
                    node.location(),
                    "'%s' must be %s, a list of such values or filtered values"
                            .formatted(spec.name(), spec.kind().range()));
        }
        return number;
    }

    private static double parsed(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
