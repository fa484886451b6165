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

/// Reads `parameters` mappings of one merge method.
final class ParameterReader {
    /// Settings of mergekit that change no value: accepted for every method.
    private static final List<String> WITHOUT_EFFECT = List.of("int8_mask");

    private final MergeMethod method;

    ParameterReader(MergeMethod method) {
        this.method = method;
    }

    /// Reads the mapping under `parameters`, if there is one; `below` says what it belongs to.
    Map<String, ParameterValue> read(MappingReader owner, ParameterSpec.Scope below) {
        Optional<MappingReader> parameters = owner.mapping("parameters");
        Map<String, ParameterValue> values = new LinkedHashMap<>();
        if (parameters.isEmpty()) {
            return values;
        }
        for (String name : parameters.get().keys()) {
            if (WITHOUT_EFFECT.contains(name)) {
                continue;
            }
            ParameterSpec spec = spec(name, parameters.get().keyLocation(name));
            if (below == ParameterSpec.Scope.MODEL && spec.scope() == ParameterSpec.Scope.MERGE) {
                throw invalid(
                                parameters.get().keyLocation(name),
                                "'" + name + "' is a setting of the merge, not of a model")
                        .remedy("move it to the 'parameters' of the slice or of the whole file");
            }
            parameters.get().node(name).ifPresent(node -> values.put(name, value(spec, node)));
        }
        return values;
    }

    private ParameterSpec spec(String name, Location place) {
        List<String> known = method.parameters().stream().map(ParameterSpec::name).toList();
        return method.parameters().stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    boolean elsewhere =
                            Arrays.stream(MergeMethod.values())
                                    .flatMap(other -> other.parameters().stream())
                                    .anyMatch(spec -> spec.name().equals(name));
                    return invalid(
                                    place,
                                    elsewhere
                                            ? "'"
                                                    + name
                                                    + "' has no meaning in a "
                                                    + method.key()
                                                    + " merge"
                                            : "unknown parameter '" + name + "'")
                            .remedy(
                                    elsewhere
                                            ? "its parameters: " + String.join(", ", known)
                                            : Suggestion.advice(name, known));
                });
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

    private static double number(ParameterSpec spec, YamlNode node) {
        Object value = node instanceof YamlNode.Scalar scalar ? scalar.value() : null;
        double number =
                switch (value) {
                    case Boolean flag -> flag ? 1 : 0;
                    case Number n -> n.doubleValue();
                    case null, default -> Double.NaN;
                };
        boolean fits =
                Double.isFinite(number)
                        && switch (spec.kind()) {
                            case NUMBER -> !(value instanceof Boolean);
                            case POSITIVE -> !(value instanceof Boolean) && number > 0;
                            case COUNT ->
                                    !(value instanceof Boolean)
                                            && number >= 1
                                            && number <= 1_000_000
                                            && number == Math.rint(number);
                            case FRACTION -> !(value instanceof Boolean) && number >= 0;
                            case FLAG -> number == 0 || number == 1;
                        };
        if (!fits) {
            throw invalid(
                    node.location(),
                    "'"
                            + spec.name()
                            + "' must be "
                            + switch (spec.kind()) {
                                case NUMBER -> "a number, a list of numbers or filtered values";
                                case POSITIVE -> "a number above 0";
                                case FRACTION -> "a number from 0 to 1";
                                case COUNT -> "a whole number from 1 on";
                                case FLAG -> "true or false";
                            });
        }
        return number;
    }
}
