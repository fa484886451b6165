package dev.tailor.train.internal.estimate;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.LoraConfig;
import dev.tailor.train.Tuning;
import dev.tailor.train.internal.spectrum.ModuleName;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The tensors of an adapter: read from the one that goes on learning, or those a new one will
/// have.
final class AdapterSize {
    private AdapterSize() {}

    static List<TensorInfo> of(Tuning.Lora lora, List<TensorInfo> model) {
        if (lora.continueFrom().isPresent()) {
            Path file = lora.continueFrom().get().resolve("adapter_model.safetensors");
            try (Checkpoint adapter = Checkpoint.open(file)) {
                return List.copyOf(adapter.tensors());
            }
        }
        List<TensorInfo> made = new ArrayList<>();
        for (TensorInfo info : model) {
            if (info.shape().size() == 2 && info.name().endsWith(".weight")) {
                ModuleName module = ModuleName.ofWeight(info.name());
                if (isTargeted(lora.config(), module)) {
                    add(made, module.module(), info, lora.config());
                }
            }
        }
        return List.copyOf(made);
    }

    private static boolean isTargeted(LoraConfig config, ModuleName module) {
        boolean targeted =
                module.module().equals("model.embed_tokens")
                        ? config.targets().includesEmbedding()
                        : module.layer() >= 0 && config.targets().includes(module.module());
        return targeted && !config.variant().saves(module.module());
    }

    private static void add(
            List<TensorInfo> made, String module, TensorInfo weight, LoraConfig config) {
        long rank = config.rankOf(module);
        long in = weight.shape().getLast();
        long out = weight.shape().getFirst();
        String kind = module.contains("embed_tokens") ? ".lora_embedding_" : ".lora_";
        made.add(new TensorInfo(module + kind + "A.weight", DType.F32, List.of(rank, in)));
        made.add(new TensorInfo(module + kind + "B.weight", DType.F32, List.of(out, rank)));
        if (config.variant().dora()) {
            made.add(new TensorInfo(module + ".lora_magnitude_vector", DType.F32, List.of(out)));
        }
    }
}
