package dev.tailor.train.internal.estimate;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraVariant;
import dev.tailor.torch.Precision;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;
import dev.tailor.train.internal.loop.Session;
import dev.tailor.train.internal.loop.TunedModel;
import dev.tailor.train.internal.spectrum.ModuleName;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/// How large a model is and how much of it learns.
///
/// @param trainable values that learn, an adapter's included
/// @param layerShare the share of the layers' matrices that gets a gradient of its own
/// @param adapter values that are an adapter's own, 0 without one
/// @param quantised values of the layers' matrices kept in 4 bits, in blocks with or without double
///   quantisation
public record ModelSize(
        DecoderConfig config,
        long parameters,
        long trainable,
        double layerShare,
        long adapter,
        Quantised quantised) {
    /// How much of a model is kept in NF4, and the bits that each value takes.
    public record Quantised(long values, long largest, double bits) {
        static final Quantised NONE = new Quantised(0, 0, 0);

        long bytes() {
            return Math.round(values * bits / 8);
        }
    }

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
                case Tuning.Lora lora -> adapted(config, tensors, lora, Quantised.NONE);
                case Tuning.Qlora qlora ->
                        adapted(config, tensors, qlora.lora(), quantised(qlora, tensors));
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
                config, sum(tensors, info -> true), sum(tensors, learns), share, 0, Quantised.NONE);
    }

    private static long sum(List<TensorInfo> tensors, Predicate<TensorInfo> which) {
        return tensors.stream().filter(which).mapToLong(TensorInfo::elements).sum();
    }

    private static ModelSize adapted(
            DecoderConfig config, List<TensorInfo> tensors, Tuning.Lora lora, Quantised quantised) {
        long own = adapter(lora, tensors);
        LoraVariant variant = lora.config().variant();
        long saved =
                sum(tensors, info -> variant.saves(info.name().substring(0, end(info.name()))));
        return new ModelSize(config, sum(tensors, info -> true), own + saved, 0, own, quantised);
    }

    /// Where the name of a tensor's module ends.
    private static int end(String tensor) {
        return Math.max(0, tensor.lastIndexOf('.'));
    }

    private static Quantised quantised(Tuning.Qlora qlora, List<TensorInfo> tensors) {
        Predicate<TensorInfo> matrices = CausalModel::quantises;
        return new Quantised(
                sum(tensors, matrices),
                tensors.stream().filter(matrices).mapToLong(TensorInfo::elements).max().orElse(0),
                qlora.doubleQuantisation() ? 4 + 8 / 64.0 + 32 / (64.0 * 256) : 4 + 32 / 64.0);
    }

    private static long adapter(Tuning.Lora lora, List<TensorInfo> tensors) {
        if (lora.continueFrom().isPresent()) {
            Path file = lora.continueFrom().get().resolve("adapter_model.safetensors");
            try (Checkpoint adapter = Checkpoint.open(file)) {
                return sum(adapter.tensors(), info -> true);
            }
        }
        LoraConfig config = lora.config();
        long sum = 0;
        for (TensorInfo info : tensors) {
            if (info.shape().size() == 2 && info.name().endsWith(".weight")) {
                ModuleName module = ModuleName.ofWeight(info.name());
                boolean targeted =
                        module.module().equals("model.embed_tokens")
                                ? config.targets().includesEmbedding()
                                : module.layer() >= 0 && config.targets().includes(module.module());
                if (targeted && !config.variant().saves(module.module())) {
                    sum +=
                            config.rankOf(module.module())
                                    * (info.shape().getFirst() + info.shape().getLast());
                    sum += config.variant().dora() ? info.shape().getFirst() : 0;
                }
            }
        }
        return sum;
    }

    /// The finished model, and two checkpoints with weights and what the optimiser remembers of
    /// those that learn; where the best step is kept, its weights and those the checkpoints refer
    /// to.
    public long diskBytes(TrainSettings settings) {
        long each = settings.precision() == Precision.FLOAT32 ? 4 : 2;
        long state = Math.round((4 + settings.stateBytesPerValue()) * trainable);
        long best = settings.refinements().watchesBest() ? 3 * 4 * trainable : 0;
        return parameters * each + 4 * adapter + 2 * state + best;
    }
}
