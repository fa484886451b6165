package dev.tailor.merge.internal.extract;

import dev.tailor.merge.internal.source.TiedHead;
import dev.tailor.tensors.TensorInfo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What an adapter holds whole beside its factors.
///
/// @param modules PEFT's `modules_to_save`, under their full names: a short name would stand for
///   the modules of all layers
/// @param tensors by their name in the adapter: the name in the tuned model
/// @param withBiases whether biases of adapted modules are among them (PEFT's `bias: lora_only`)
record SavedModules(Set<String> modules, Map<String, String> tensors, boolean withBiases) {
    private static final String PREFIX = "base_model.model.";

    static SavedModules none() {
        return new SavedModules(Set.of(), Map.of(), false);
    }

    /// Modules of the changed tensors. PEFT swaps a module as a whole, so the tensors of it that
    /// did not change come too; the bias of an adapted module lies beside its factors.
    static SavedModules of(List<String> changed, Set<String> adapted, ModelPair pair) {
        Set<String> modules = new TreeSet<>();
        Map<String, String> tensors = new LinkedHashMap<>();
        boolean biases = false;
        for (String name : changed) {
            String module = name.substring(0, name.lastIndexOf('.'));
            if (adapted.contains(module)) {
                tensors.put(
                        PREFIX + module + ".base_layer" + name.substring(module.length()), name);
                biases = true;
            } else {
                modules.add(module);
            }
        }
        for (TensorInfo info : pair.before().tensors()) {
            int end = info.name().lastIndexOf('.');
            if (end >= 0 && modules.contains(info.name().substring(0, end))) {
                tensors.put(PREFIX + info.name(), info.name());
            }
        }
        // PEFT wraps a head that is tied to a saved embedding, and then asks for its tensor.
        pair.tiedEmbedding()
                .filter(tensors::containsValue)
                .ifPresent(embedding ->
                        tensors.putIfAbsent(PREFIX + TiedHead.of(embedding), embedding));
        return new SavedModules(modules, tensors, biases);
    }
}
