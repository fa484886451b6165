package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.ParameterSpec;
import dev.tailor.merge.Requirements;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/// The merge methods, as they describe themselves.
record MergeMethodsReport(Session session) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /// The names, for shells to complete.
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return keys().iterator();
        }
    }

    private static List<String> keys() {
        return Arrays.stream(MergeMethod.values()).map(MergeMethod::key).toList();
    }

    /// Prints all methods, or the one of that name.
    void show(String name) {
        List<MergeMethod> methods =
                name.isEmpty() ? List.of(MergeMethod.values()) : List.of(method(name));
        if (session.json()) {
            ArrayNode list = JSON.arrayNode();
            methods.forEach(method -> list.add(json(method)));
            session.print(list);
            return;
        }
        methods.forEach(this::print);
    }

    private static MergeMethod method(String name) {
        return MergeMethod.find(name)
                .orElseThrow(() ->
                        TailorException.of(ErrorCode.USAGE, "unknown merge method '" + name + "'")
                                .remedy(Suggestion.advice(name, keys())));
    }

    private void print(MergeMethod method) {
        session.print(method.key() + ": " + method.summary());
        session.print("  " + method.requirements().inWords() + "; " + base(method));
        for (ParameterSpec spec : method.parameters()) {
            session.print(
                    "  %-18s %s; %s%s"
                            .formatted(
                                    spec.name(),
                                    spec.kind().range(),
                                    spec.scope() == ParameterSpec.Scope.MODEL
                                            ? "for each model or for all; "
                                            : "",
                                    standard(spec)));
        }
        session.print(
                "  reads the models %s; source: %s"
                        .formatted(
                                method.passes() == 1
                                        ? "once"
                                        : "up to " + method.passes() + " times",
                                method.source()));
    }

    private static String base(MergeMethod method) {
        return method.requirements().base().inWords();
    }

    private static String standard(ParameterSpec spec) {
        if (spec.standard().isEmpty()) {
            return "required";
        }
        double value = spec.standard().getAsDouble();
        return "default "
                + (spec.kind() == ParameterSpec.Kind.FLAG
                        ? String.valueOf(value != 0)
                        : String.valueOf(value).replaceFirst("\\.0$", ""));
    }

    private static ObjectNode json(MergeMethod method) {
        Requirements needs = method.requirements();
        ObjectNode json = JSON.objectNode();
        json.put("name", method.key());
        json.put("summary", method.summary());
        json.put("source", method.source());
        json.put("fewest_models", needs.fewestModels());
        if (needs.isBounded()) {
            json.put("most_models", needs.mostModels());
        }
        json.put("base", needs.base().name().toLowerCase(Locale.ROOT));
        json.put("passes", method.passes());
        ArrayNode parameters = json.putArray("parameters");
        for (ParameterSpec spec : method.parameters()) {
            ObjectNode node = parameters.addObject();
            node.put("name", spec.name());
            node.put("per", spec.scope().name().toLowerCase(Locale.ROOT));
            node.put("kind", spec.kind().name().toLowerCase(Locale.ROOT));
            node.put("range", spec.kind().range());
            node.put("required", spec.required());
            if (spec.kind() == ParameterSpec.Kind.FLAG) {
                spec.standard().ifPresent(value -> node.put("default", value != 0));
            } else {
                spec.standard().ifPresent(value -> node.put("default", value));
            }
        }
        return json;
    }
}
