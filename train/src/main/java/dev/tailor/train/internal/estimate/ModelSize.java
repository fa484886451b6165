package dev.tailor.train.internal.estimate;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.Precision;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;
import dev.tailor.train.internal.loop.Session;
import dev.tailor.train.internal.loop.TunedModel;
import dev.tailor.train.internal.spectrum.ModuleName;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// How large a model is and how much of it learns.
///
/// @param layerShare the share of the layers' matrices that gets a gradient of its own
public record ModelSize(
        DecoderConfig config, long parameters, long trainable, double layerShare, boolean adapter) {
    /// Reads the configuration of the base and applies the request's tuning to the names of its
    /// weights, which are the decoder's: experts one by one, however the checkpoint holds them.
    public static ModelSize of(TrainRequest request, Session session) {
        try (ModelDirectory directory = ModelDirectory.open(request.base())) {
            DecoderConfig config = DecoderConfig.of(directory);
            List<TensorInfo> tensors = tensors(config);
            long all = sum(tensors, info -> true);
            Path cache = request.work().resolve("cache");
            return switch (request.tuning()) {
                case Tuning.Full full -> partly(config, tensors, TunedModel.names(full));
                case Tuning.Spectrum spectrum ->
                        partly(
                                config,
                                tensors,
                                TunedModel.selection(request.base(), spectrum, cache, session)
                                        .trainable());
                case Tuning.Lora lora ->
                        new ModelSize(config, all, adapter(lora, tensors), 0, true);
            };
        }
    }

    private static List<TensorInfo> tensors(DecoderConfig config) {
        return config.weights().entrySet().stream()
                .map(weight -> new TensorInfo(weight.getKey(), DType.F32, weight.getValue()))
                .toList();
    }

    private static ModelSize partly(
            DecoderConfig config, List<TensorInfo> tensors, Predicate<String> names) {
        Predicate<TensorInfo> inLayers =
                info -> info.shape().size() == 2 && info.name().contains(".layers.");
        Predicate<TensorInfo> learns = info -> names.test(info.name());
        double share =
                (double) sum(tensors, inLayers.and(learns)) / Math.max(1, sum(tensors, inLayers));
        return new ModelSize(
                config, sum(tensors, info -> true), sum(tensors, learns), share, false);
    }

    private static long sum(List<TensorInfo> tensors, Predicate<TensorInfo> which) {
        return tensors.stream().filter(which).mapToLong(TensorInfo::elements).sum();
    }

    private static long adapter(Tuning.Lora lora, List<TensorInfo> tensors) {
        if (lora.continueFrom().isPresent()) {
            Path file = lora.continueFrom().get().resolve("adapter_model.safetensors");
            try (Checkpoint adapter = Checkpoint.open(file)) {
                return sum(adapter.tensors(), info -> true);
            }
        }
        long sum = 0;
        for (TensorInfo info : tensors) {
            if (info.shape().size() == 2 && info.name().endsWith(".weight")) {
                ModuleName module = ModuleName.ofWeight(info.name());
                if (module.layer() >= 0 && lora.config().targets().includes(module.module())) {
                    sum +=
                            rank(lora.config(), module.module())
                                    * (info.shape().getFirst() + info.shape().getLast());
                }
            }
        }
        return sum;
    }

    private static long rank(LoraConfig config, String module) {
        for (Map.Entry<String, Integer> entry : config.rankPattern().entrySet()) {
            if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module)) {
                return entry.getValue();
            }
        }
        return config.rank();
    }

    /// The finished model, and two checkpoints with weights and what the optimiser remembers of
    /// those that learn; where the best step is kept, its weights and those the checkpoints refer
    /// to.
    public long diskBytes(TrainSettings settings) {
        long each = settings.precision() == Precision.FLOAT32 ? 4 : 2;
        long state = Math.round((4 + settings.stateBytesPerValue()) * trainable);
        long best = settings.refinements().watchesBest() ? 3 * 4 * trainable : 0;
        return parameters * each + (adapter ? 4 * trainable : 0) + 2 * state + best;
    }
}
