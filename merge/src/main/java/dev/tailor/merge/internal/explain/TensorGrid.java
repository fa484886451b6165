package dev.tailor.merge.internal.explain;

import dev.tailor.merge.internal.plan.LayerNames;
import dev.tailor.merge.internal.plan.ModelStructure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The tensors of a module as a grid: a row for each layer, a column for each kind. The experts of
/// a layer share a column.
///
/// @param module its name; empty where it is the whole model
/// @param outside the tensors that belong to no layer
record TensorGrid(
        String module,
        List<String> kinds,
        SortedMap<Integer, Map<String, Cell>> layers,
        List<Cell> outside) {
    private static final String WEIGHT = ".weight";

    /// The tensors of one kind in one layer.
    record Cell(String label, List<TensorEntry> entries) {
        /// What was measured of them, taken together.
        Optional<Summary> summary() {
            List<Summary> measured =
                    entries.stream().flatMap(entry -> entry.summary().stream()).toList();
            return measured.isEmpty() ? Optional.empty() : Optional.of(Summary.of(measured));
        }
    }

    /// A grid for each module.
    static List<TensorGrid> of(List<TensorEntry> entries) {
        Map<String, TensorEntry> byName = new LinkedHashMap<>();
        entries.forEach(entry -> byName.put(entry.name(), entry));
        List<LayerNames> modules = ModelStructure.of(byName.keySet()).modules();
        return modules.stream()
                .map(module -> of(modules.size() == 1 ? "" : module.name(), module, byName))
                .toList();
    }

    private static TensorGrid of(String module, LayerNames names, Map<String, TensorEntry> byName) {
        Set<String> kinds = new LinkedHashSet<>();
        SortedMap<Integer, Map<String, Cell>> layers = new TreeMap<>();
        names.layers()
                .forEach((layer, parts) -> {
                    Map<String, List<TensorEntry>> byKind = new LinkedHashMap<>();
                    parts.forEach((part, name) ->
                            byKind.computeIfAbsent(kind(part), key -> new ArrayList<>())
                                    .add(entry(byName, name)));
                    Map<String, Cell> row = new LinkedHashMap<>();
                    byKind.forEach((kind, members) ->
                            row.put(kind, new Cell(label(layer, kind, members), members)));
                    kinds.addAll(byKind.keySet());
                    layers.put(layer, row);
                });
        List<Cell> outside = new ArrayList<>();
        for (List<String> side : List.of(names.before(), names.after())) {
            side.forEach(name -> outside.add(new Cell(name, List.of(entry(byName, name)))));
        }
        return new TensorGrid(module, List.copyOf(kinds), layers, outside);
    }

    private static TensorEntry entry(Map<String, TensorEntry> byName, String name) {
        TensorEntry entry = byName.get(name);
        if (entry == null) {
            throw new IllegalStateException("no entry for " + name);
        }
        return entry;
    }

    private static String label(int layer, String kind, List<TensorEntry> members) {
        return members.size() == 1
                ? members.getFirst().name()
                : "layer " + layer + ", " + members.size() + " tensors " + kind;
    }

    /// `mlp.experts.*.down_proj` of `mlp.experts.17.down_proj.weight`.
    private static String kind(String part) {
        String bare =
                part.endsWith(WEIGHT) ? part.substring(0, part.length() - WEIGHT.length()) : part;
        return bare.replaceAll("(?<=\\.)\\d+(?=\\.)", "*");
    }

    /// Every cell.
    List<Cell> cells() {
        List<Cell> cells = new ArrayList<>(outside);
        layers.values().forEach(row -> cells.addAll(row.values()));
        return cells;
    }
}
