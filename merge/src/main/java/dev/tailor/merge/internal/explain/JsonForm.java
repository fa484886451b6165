package dev.tailor.merge.internal.explain;

import dev.tailor.merge.MergePlan;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Map;

/// An explanation for programs. What is not defined, such as the cosine to zeros, is null: JSON has
/// no NaN.
final class JsonForm {
    /// The form of the file; it counts up when a name changes or goes.
    static final int VERSION = 1;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Explanation explanation;
    private final MergePlan plan;

    private JsonForm(Explanation explanation) {
        this.explanation = explanation;
        this.plan = explanation.plan();
    }

    static String of(Explanation explanation) {
        return JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsString(new JsonForm(explanation).document())
                + "\n";
    }

    private ObjectNode document() {
        ObjectNode document = JSON.createObjectNode();
        document.put("version", VERSION);
        document.put("method", plan.config().method().key());
        document.put("rounding", explanation.options().compat() ? "each step" : "once");
        if (plan.isRandom()) {
            document.put("seed", explanation.options().seed());
        } else {
            document.putNull("seed");
        }
        document.put("seconds", explanation.seconds());
        document.put("parameters", plan.parameters());
        document.put("bytes", plan.outputBytes());
        ArrayNode models = document.putArray("models");
        plan.models().forEach(model -> models.add(model.reference().text()));
        ObjectNode actions = document.putObject("actions");
        for (TensorEntry.Action action : TensorEntry.Action.values()) {
            actions.put(action.key(), explanation.count(action));
        }
        total(document.putObject("total"));
        ArrayNode tensors = document.putArray("tensors");
        explanation.entries().forEach(entry -> tensor(tensors.addObject(), entry));
        return document;
    }

    private void total(ObjectNode node) {
        Summary total = explanation.total();
        explanation
                .reference()
                .ifPresentOrElse(
                        reference -> node.put("reference", reference.key()),
                        () -> node.putNull("reference"));
        whole(node, total.whole());
        ArrayNode models = node.putArray("models");
        total.parts()
                .forEach((participant, part) -> {
                    ObjectNode model = models.addObject();
                    model.put("model", explanation.name(participant.model()));
                    part(model, part);
                });
    }

    private void tensor(ObjectNode node, TensorEntry entry) {
        node.put("name", entry.name());
        node.put("dtype", entry.tensor().output().dtype().safetensorsName());
        ArrayNode shape = node.putArray("shape");
        entry.tensor().output().shape().forEach(shape::add);
        node.put("action", entry.action().key());
        node.put("method", plan.methodOf(entry.tensor()));
        Reference reference = entry.reference();
        if (reference == Reference.INPUT) {
            MergePlan.Input input = entry.tensor().inputs().getFirst();
            node.putObject("from")
                    .put("model", explanation.name(input.model()))
                    .put("tensor", input.tensor());
        }
        if (entry.summary().isEmpty()) {
            return;
        }
        OperationParameters parameters =
                OperationParameters.of(plan.config().method(), entry.tensor().operation());
        node.put("reference", reference.key());
        put(node.putObject("parameters"), parameters.merge());
        whole(node, entry.summary().get().whole());
        models(node.putArray("models"), entry, parameters.models(), entry.summary().get());
    }

    private void models(
            ArrayNode models,
            TensorEntry entry,
            List<Map<String, Object>> parameters,
            Summary summary) {
        Reference reference = entry.reference();
        for (int k = 0; k < summary.parts().size(); k++) {
            MergePlan.Input input = entry.tensor().inputs().get(reference.firstModel() + k);
            ObjectNode model = models.addObject();
            model.put("model", explanation.name(input.model()));
            model.put("tensor", input.tensor());
            put(
                    model.putObject("parameters"),
                    k < parameters.size() ? parameters.get(k) : Map.of());
            part(model, summary.part(TensorMeasure.participant(entry.tensor(), reference, k)));
        }
    }

    private static void whole(ObjectNode node, Whole whole) {
        put(node, "reference_norm", whole.referenceNorm());
        put(node, "change_norm", whole.changeNorm());
        put(node, "relative_change", whole.relativeChange());
        put(node, "cosine", whole.cosine());
        if (Double.isFinite(whole.shared())) {
            node.put("shared_positions", (long) whole.shared());
        } else {
            node.putNull("shared_positions");
        }
        put(node, "sign_conflicts", whole.conflictShare());
    }

    private static void part(ObjectNode node, Part part) {
        put(node, "difference_norm", part.norm());
        put(node, "relative_norm", part.relativeNorm());
        put(node, "cosine", part.cosine());
        put(node, "change_cosine", part.changeCosine());
        put(node, "kept", part.kept());
        put(node, "kept_norm", part.keptNorm());
    }

    private static void put(ObjectNode node, Map<String, Object> parameters) {
        parameters.forEach((name, value) -> {
            switch (value) {
                case Boolean flag -> node.put(name, flag);
                case Integer count -> node.put(name, count);
                case Double number -> put(node, name, number);
                default -> throw new IllegalStateException(name + " = " + value);
            }
        });
    }

    private static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }
}
