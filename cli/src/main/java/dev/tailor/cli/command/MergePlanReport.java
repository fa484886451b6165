package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.merge.MergeCost;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.PlanOutline;
import dev.tailor.merge.Setting;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a merge would do, tensor by tensor: layers that are made alike in one table, as JSON or on
/// request each tensor for itself.
record MergePlanReport(Session session, MergePlan plan, MergeCost cost) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /// Prints the plan. `name` is that of an intermediate merge, or empty.
    void show(String name, boolean verbose) {
        if (session.json()) {
            session.print(json(name));
            return;
        }
        session.print(
                "%s%s of %d models"
                        .formatted(
                                name.isEmpty() ? "" : name + ": ",
                                plan.config().method().key(),
                                plan.models().size()));
        for (MergePlan.Model model : plan.models()) {
            boolean isBase = plan.config().base().equals(Optional.of(model.reference()));
            session.print("  " + model.reference().text() + (isBase ? " (base)" : ""));
        }
        if (verbose) {
            table(
                    plan.tensors().stream()
                            .map(tensor ->
                                    new PlanOutline.Row(tensor.output().name(), tensor, tensor))
                            .toList(),
                    true);
        } else {
            PlanOutline.of(plan).blocks().forEach(this::block);
        }
        session.print(
                "%d tensors, %s weights, %s to write, %s to read"
                        .formatted(
                                plan.tensors().size(),
                                Figures.count(plan.parameters()),
                                Figures.bytes(cost.writtenBytes()),
                                Figures.bytes(cost.readBytes())));
        session.print(
                "about %s if %s/s are read and written, %s of memory"
                        .formatted(
                                Figures.duration(cost.seconds()),
                                Figures.bytes(MergeCost.BYTES_PER_SECOND),
                                Figures.bytes(cost.memoryBytes())));
        plan.notes().forEach(note -> session.print("note: " + note));
    }

    private void block(PlanOutline.Block block) {
        List<PlanOutline.Row> rows = block.rows();
        String how = how(rows.getFirst());
        boolean alike = block.isLayers() && rows.stream().allMatch(row -> how(row).equals(how));
        if (block.isLayers()) {
            session.print(heading(block) + (alike ? ", " + how : ""));
        }
        table(rows, !alike);
    }

    private static String heading(PlanOutline.Block block) {
        String prefix = block.prefix().substring(0, block.prefix().length() - 1);
        int count = block.rows().size();
        String tensors = count == 1 ? "1 tensor" : count + " tensors";
        return block.firstLayer() == block.lastLayer()
                ? "layer %d (%s): %s".formatted(block.firstLayer(), prefix, tensors)
                : "layers %d-%d (%s): %s each"
                        .formatted(block.firstLayer(), block.lastLayer(), prefix, tensors);
    }

    private void table(List<PlanOutline.Row> rows, boolean withMethod) {
        int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(1);
        int widest = rows.stream().mapToInt(row -> shape(row).length()).max().orElse(1);
        String format = "  %%-%ds  %%-%ds  %%s".formatted(width, widest);
        for (PlanOutline.Row row : rows) {
            session.print(
                    format.formatted(row.name(), shape(row), withMethod ? how(row) : "")
                            .stripTrailing());
        }
    }

    private static String shape(PlanOutline.Row row) {
        return row.first().output().dtype() + " " + row.first().output().shape();
    }

    /// The method, and each parameter with its value or with the first and the last layer's.
    private String how(PlanOutline.Row row) {
        List<Setting> first = Setting.of(row.first().operation());
        List<Setting> last = Setting.of(row.last().operation());
        List<String> words = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            String from = values(first.get(i));
            String to = values(last.get(i));
            words.add(first.get(i).name() + " " + (from.equals(to) ? from : from + " -> " + to));
        }
        return (plan.methodOf(row.first()) + "  " + String.join("; ", words)).strip();
    }

    private static String values(Setting setting) {
        return String.join(
                ", ",
                setting.values().stream()
                        .map(value ->
                                value instanceof Double number
                                        ? number(number)
                                        : String.valueOf(value))
                        .toList());
    }

    /// Four digits are enough to recognise a value by.
    private static String number(double value) {
        String text =
                new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toString();
        return text.contains("E") ? Figures.number(value) : text;
    }

    private ObjectNode json(String name) {
        ObjectNode json = JSON.objectNode();
        if (!name.isEmpty()) {
            json.put("name", name);
        }
        json.put("method", plan.config().method().key());
        ArrayNode models = json.putArray("models");
        plan.models().forEach(model -> models.add(model.reference().text()));
        json.put("tensors", plan.tensors().size());
        json.put("parameters", plan.parameters());
        json.put("bytes", cost.writtenBytes());
        json.put("read_bytes", cost.readBytes());
        json.put("peak_memory_bytes", cost.memoryBytes());
        json.put("seconds", cost.seconds());
        ArrayNode notes = json.putArray("notes");
        plan.notes().forEach(notes::add);
        ArrayNode each = json.putArray("plan");
        plan.tensors().forEach(tensor -> each.add(json(tensor)));
        json.set("config", plan.outputConfig());
        return json;
    }

    private ObjectNode json(MergePlan.Tensor tensor) {
        ObjectNode json = JSON.objectNode();
        json.put("name", tensor.output().name());
        describe(json, tensor.output());
        json.put("method", plan.methodOf(tensor));
        ObjectNode parameters = json.putObject("parameters");
        for (Setting setting : Setting.of(tensor.operation())) {
            if (setting.perModel()) {
                parameters.set(setting.name(), JSON.pojoNode(setting.values()));
            } else {
                parameters.set(setting.name(), JSON.pojoNode(setting.values().getFirst()));
            }
        }
        ArrayNode inputs = json.putArray("inputs");
        for (MergePlan.Input input : tensor.inputs()) {
            ObjectNode node = inputs.addObject();
            node.put("model", plan.models().get(input.model()).reference().text());
            node.put("tensor", input.tensor());
            describe(node, input.stored());
        }
        return json;
    }

    private static void describe(ObjectNode json, TensorInfo info) {
        json.put("dtype", info.dtype().safetensorsName());
        ArrayNode shape = json.putArray("shape");
        info.shape().forEach(shape::add);
    }
}
