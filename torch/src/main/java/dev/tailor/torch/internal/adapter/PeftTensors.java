package dev.tailor.torch.internal.adapter;

import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.internal.nn.LoraWeights;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.LinkedHashMap;
import java.util.Map;

/// An adapter's settings and tensors by name as PEFT's files have them, for the base as it was. The
/// tensors belong to the caller's scope.
///
/// An adapter whose beginning was taken off the base (PiSSA) becomes a plain one of twice the rank:
/// `s (B A - B₀ A₀) = s [B, -B₀] [A; A₀]`, which needs no changed base.
record PeftTensors(LoraConfig config, Map<String, Tensor> byName) {
    static PeftTensors of(Adapter adapter, Host host) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        adapter.layers()
                .forEach((module, weights) -> {
                    weights.parameters().forEach(p -> tensors.put(p.name(), p.data()));
                    LoraWeights start = adapter.starts().get(module);
                    if (start != null) {
                        tensors.put(weights.a().name(), joined(weights.a(), start.a().data(), 0));
                        tensors.put(
                                weights.b().name(), joined(weights.b(), start.b().data().neg(), 1));
                    }
                });
        for (Parameter saved : adapter.saved()) {
            for (String name : host.names(saved)) {
                tensors.put(Adapter.PREFIX + name, saved.data());
            }
        }
        LoraConfig config = adapter.config();
        return new PeftTensors(adapter.starts().isEmpty() ? config : doubled(config), tensors);
    }

    private static Tensor joined(Parameter first, Tensor second, long dimension) {
        return torch.cat(new TensorVector(first.data(), second), dimension).contiguous();
    }

    /// The settings of twice the rank with the same scale.
    private static LoraConfig doubled(LoraConfig config) {
        double factor = config.rsLora() ? Math.sqrt(2) : 2;
        Map<String, Integer> ranks = new LinkedHashMap<>();
        config.rankPattern().forEach((module, rank) -> ranks.put(module, 2 * rank));
        Map<String, Double> alphas = new LinkedHashMap<>();
        config.alphaPattern().forEach((module, alpha) -> alphas.put(module, factor * alpha));
        return new LoraConfig(
                2 * config.rank(),
                factor * config.alpha(),
                config.dropout(),
                config.rsLora(),
                config.targets(),
                ranks,
                alphas,
                config.variant());
    }
}
