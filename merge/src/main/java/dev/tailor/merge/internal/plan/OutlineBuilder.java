package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergePlan;
import dev.tailor.merge.PlanOutline.Block;
import dev.tailor.merge.PlanOutline.Row;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Puts the tensors of a plan together by layers, and layers that are made alike.
public final class OutlineBuilder {
    private final MergePlan plan;
    private final Map<String, Place> places = new HashMap<>();
    private final List<Block> blocks = new ArrayList<>();

    private record Place(String prefix, int layer, String part) {
        boolean isSameLayer(Place other) {
            return prefix.equals(other.prefix) && layer == other.layer;
        }
    }

    /// For the tensors of a plan.
    public OutlineBuilder(MergePlan plan) {
        this.plan = plan;
        LayerLists lists =
                LayerLists.of(plan.tensors().stream().map(each -> each.output().name()).toList());
        lists.lists()
                .forEach((prefix, layers) ->
                        layers.forEach((layer, parts) ->
                                parts.forEach((part, name) ->
                                        places.put(name, new Place(prefix, layer, part)))));
    }

    /// The blocks, in the order of the plan.
    public List<Block> blocks() {
        List<MergePlan.Tensor> tensors = plan.tensors();
        for (int i = 0; i < tensors.size(); ) {
            Place place = place(tensors.get(i));
            Map<String, MergePlan.Tensor> rows = new LinkedHashMap<>();
            while (i < tensors.size() && place(tensors.get(i)).isSameLayer(place)) {
                rows.put(place(tensors.get(i)).part(), tensors.get(i));
                i++;
            }
            add(place, rows);
        }
        return blocks;
    }

    private Place place(MergePlan.Tensor tensor) {
        String name = tensor.output().name();
        return places.getOrDefault(name, new Place("", 0, name));
    }

    private void add(Place place, Map<String, MergePlan.Tensor> layer) {
        Block last = blocks.isEmpty() ? new Block("", 0, 0, List.of()) : blocks.getLast();
        if (place.prefix().isEmpty()
                || !last.prefix().equals(place.prefix())
                || last.lastLayer() != place.layer() - 1
                || !isLike(last, layer)) {
            List<Row> rows = new ArrayList<>();
            layer.forEach((name, tensor) -> rows.add(new Row(name, tensor, tensor)));
            blocks.add(new Block(place.prefix(), place.layer(), place.layer(), rows));
            return;
        }
        List<Row> rows = new ArrayList<>();
        for (Row row : last.rows()) {
            rows.add(
                    new Row(
                            row.name(),
                            row.first(),
                            Objects.requireNonNull(layer.get(row.name()))));
        }
        blocks.set(
                blocks.size() - 1,
                new Block(place.prefix(), last.firstLayer(), place.layer(), rows));
    }

    private boolean isLike(Block block, Map<String, MergePlan.Tensor> layer) {
        return block.rows().size() == layer.size()
                && block.rows().stream()
                        .allMatch(row ->
                                layer.containsKey(row.name())
                                        && isLike(row.last(), layer.get(row.name())));
    }

    private boolean isLike(MergePlan.Tensor a, MergePlan.Tensor b) {
        return a.output().shape().equals(b.output().shape())
                && a.output().dtype() == b.output().dtype()
                && plan.methodOf(a).equals(plan.methodOf(b))
                && models(a).equals(models(b));
    }

    private static List<Integer> models(MergePlan.Tensor tensor) {
        return tensor.inputs().stream().map(MergePlan.Input::model).toList();
    }
}
