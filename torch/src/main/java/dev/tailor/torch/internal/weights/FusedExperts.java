package dev.tailor.torch.internal.weights;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Experts;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Experts that a checkpoint holds stacked, as transformers 5 has them in memory: of a layer, one
/// tensor `experts.gate_up_proj` of `[experts, 2 · size, hidden]` and one `experts.down_proj` of
/// `[experts, hidden, size]`, in a block that is called `mlp` in every family.
final class FusedExperts {
    /// The rows `from` to `from + rows` of one expert.
    ///
    /// @param tensor the stacked tensor's name in the checkpoint
    record Part(String tensor, int expert, long from, long rows) {}

    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final Map<String, List<Long>> tensors = new LinkedHashMap<>();

    private FusedExperts() {}

    /// What of a model's experts stands in stacked tensors.
    static FusedExperts of(DecoderConfig config, Checkpoint checkpoint) {
        FusedExperts fused = new FusedExperts();
        config.experts()
                .ifPresent(experts -> {
                    for (int l = 0; l < config.layers(); l++) {
                        String layer = "model.layers." + l + ".";
                        if (checkpoint.contains(layer + "mlp.experts.gate_up_proj")) {
                            fused.add(layer, experts, config.hiddenSize());
                        }
                    }
                });
        return fused;
    }

    private void add(String layer, Experts experts, long hidden) {
        Experts.Names names = experts.names();
        String block = layer + names.block() + ".";
        String gateUp = layer + "mlp.experts.gate_up_proj";
        String down = layer + "mlp.experts.down_proj";
        String router = layer + "mlp.gate.weight";
        long size = experts.size();
        long count = experts.count();
        tensors.put(router, List.of(count, hidden));
        tensors.put(gateUp, List.of(count, 2 * size, hidden));
        tensors.put(down, List.of(count, hidden, size));
        parts.put(block + "gate.weight", new Part(router, -1, 0, count));
        for (int e = 0; e < experts.count(); e++) {
            String expert = block + "experts." + e + ".";
            parts.put(expert + names.gate() + ".weight", new Part(gateUp, e, 0, size));
            parts.put(expert + names.up() + ".weight", new Part(gateUp, e, size, size));
            parts.put(expert + names.down() + ".weight", new Part(down, e, 0, hidden));
        }
    }

    /// Where a weight is to be found, if it is not a tensor by itself. (The router is, but may go
    /// by another name: its part has expert -1.)
    Optional<Part> part(String weight) {
        return Optional.ofNullable(parts.get(weight));
    }

    /// What the checkpoint is to hold instead of the expected tensors.
    Map<String, List<Long>> expected(Map<String, List<Long>> weights) {
        Map<String, List<Long>> stacked = new LinkedHashMap<>(weights);
        Set<String> inside = new LinkedHashSet<>(parts.keySet());
        stacked.keySet().removeAll(inside);
        stacked.putAll(tensors);
        return stacked;
    }
}
