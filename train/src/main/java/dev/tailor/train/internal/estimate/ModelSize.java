package dev.tailor.train.internal.estimate;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.LoraVariant;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.Precision;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;
import dev.tailor.train.internal.loop.Session;
import dev.tailor.train.internal.loop.TunedModel;
import dev.tailor.train.internal.spectrum.ModuleName;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// How large a model is and how much of it learns.
///
/// @param learning the model's own tensors that learn
/// @param adapter an adapter's tensors, in float32; empty without one
/// @param quantised values of the layers' matrices kept in 4 bits, in blocks with or without double
///   quantisation
/// @param fileBytes the base's weights on the disk; 0 where there are none yet
public record ModelSize(
        DecoderConfig config,
        List<TensorInfo> tensors,
        List<TensorInfo> learning,
        List<TensorInfo> adapter,
        Quantised quantised,
        long fileBytes) {
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
            Path cache = request.work().resolve("cache");
            ModelSize size =
                    switch (request.tuning()) {
                        case Tuning.Full full -> partly(config, tensors, TunedModel.names(full));
                        case Tuning.Spectrum spectrum ->
                                spectrum.file().isEmpty() && !Checkpoint.isIn(request.base())
                                        ? partly(config, tensors, firstLayers(config, spectrum))
                                        : partly(
                                                config,
                                                tensors,
                                                TunedModel.selection(
                                                                request.base(),
                                                                spectrum,
                                                                cache,
                                                                session)
                                                        .trainable());
                        case Tuning.Lora lora -> adapted(config, tensors, lora, Quantised.NONE);
                        case Tuning.Qlora qlora ->
                                adapted(config, tensors, qlora.lora(), quantised(qlora, tensors));
                    };
            return Checkpoint.isIn(request.base())
                    ? size.withFile(sum(directory.checkpoint().tensors(), TensorInfo::bytes))
                    : size;
        }
    }

    /// As many layers as Spectrum would choose, where there are no weights to choose by.
    private static Predicate<String> firstLayers(DecoderConfig config, Tuning.Spectrum spectrum) {
        double last = spectrum.topPercent() / 100 * config.layers();
        return name -> ModuleName.layerOf(name) < last;
    }

    private static List<TensorInfo> tensors(DecoderConfig config) {
        return config.weights().entrySet().stream()
                .map(weight -> new TensorInfo(weight.getKey(), DType.F32, weight.getValue()))
                .toList();
    }

    private static ModelSize partly(
            DecoderConfig config, List<TensorInfo> tensors, Predicate<String> names) {
        List<TensorInfo> learning =
                tensors.stream().filter(info -> names.test(info.name())).toList();
        return new ModelSize(config, tensors, learning, List.of(), Quantised.NONE, 0);
    }

    private ModelSize withFile(long bytes) {
        return new ModelSize(config, tensors, learning, adapter, quantised, bytes);
    }

    private static long sum(Collection<TensorInfo> tensors, ToLongFunction<TensorInfo> what) {
        return tensors.stream().mapToLong(what).sum();
    }

    private static long elements(List<TensorInfo> tensors, Predicate<TensorInfo> which) {
        return tensors.stream().filter(which).mapToLong(TensorInfo::elements).sum();
    }

    private static ModelSize adapted(
            DecoderConfig config, List<TensorInfo> tensors, Tuning.Lora lora, Quantised quantised) {
        LoraVariant variant = lora.config().variant();
        List<TensorInfo> saved =
                tensors.stream()
                        .filter(info -> variant.saves(info.name().substring(0, end(info.name()))))
                        .toList();
        return new ModelSize(config, tensors, saved, AdapterSize.of(lora, tensors), quantised, 0);
    }

    /// Where the name of a tensor's module ends.
    private static int end(String tensor) {
        return Math.max(0, tensor.lastIndexOf('.'));
    }

    private static Quantised quantised(Tuning.Qlora qlora, List<TensorInfo> tensors) {
        Predicate<TensorInfo> matrices = CausalModel::quantises;
        return new Quantised(
                elements(tensors, matrices),
                tensors.stream().filter(matrices).mapToLong(TensorInfo::elements).max().orElse(0),
                qlora.doubleQuantisation() ? 4 + 8 / 64.0 + 32 / (64.0 * 256) : 4 + 32 / 64.0);
    }

    /// All values of the model, an adapter's not counted.
    public long parameters() {
        return sum(tensors, TensorInfo::elements);
    }

    /// Values that learn, an adapter's included.
    public long trainable() {
        return sum(learning, TensorInfo::elements) + adapterValues();
    }

    /// Values that are an adapter's own, 0 without one.
    public long adapterValues() {
        return sum(adapter, TensorInfo::elements);
    }

    /// Whether an adapter learns.
    public boolean isAdapted() {
        return !adapter.isEmpty();
    }

    /// The share of the layers' matrices that gets a gradient of its own.
    public double layerShare() {
        return (double) elements(learning, ModelSize::isLayerMatrix)
                / Math.max(1, elements(tensors, ModelSize::isLayerMatrix));
    }

    /// Whether a tensor is a matrix within a layer.
    static boolean isLayerMatrix(TensorInfo info) {
        return info.shape().size() == 2 && info.name().contains(".layers.");
    }

    /// Values of the output head's matrix.
    public long headValues() {
        return (long) config.vocabularySize() * config.hiddenSize();
    }

    /// Whether the output head's matrix learns; a tied one is the embedding's.
    public boolean headLearns() {
        String head = config.tiedHead() ? "embed_tokens" : "lm_head";
        return learning.stream().anyMatch(info -> info.name().contains(head));
    }

    /// Whether the embedding learns.
    public boolean embeddingLearns() {
        return learning.stream().anyMatch(info -> info.name().contains("embed_tokens"));
    }

    /// Layers that the way back passes: those from the lowest on in which something learns.
    public long recordedLayers() {
        List<String> names =
                Stream.concat(learning.stream(), adapter.stream()).map(TensorInfo::name).toList();
        boolean below = names.stream().anyMatch(name -> name.contains("embed_tokens"));
        int lowest =
                names.stream()
                        .mapToInt(ModuleName::layerOf)
                        .filter(layer -> layer >= 0)
                        .min()
                        .orElse(config.layers());
        return below ? config.layers() : config.layers() - lowest;
    }

    /// Values that an adapter's parts keep per position.
    public long adapterActivations() {
        boolean dora = adapter.stream().anyMatch(info -> info.name().contains("magnitude"));
        return Activity.ofAdapter(adapter, dora);
    }

    /// What an update rule remembers of all that learns.
    public long stateBytes(OptimizerSettings optimizer, Precision precision) {
        return bytes(learning, optimizer, precision) + bytes(adapter, optimizer, Precision.FLOAT32);
    }

    private static long bytes(
            List<TensorInfo> tensors, OptimizerSettings optimizer, Precision precision) {
        return tensors.stream()
                .mapToLong(info -> optimizer.stateBytes(info.name(), info.shape(), precision))
                .sum();
    }

    /// The finished model, and two checkpoints with weights and what the optimiser remembers of
    /// those that learn; where the best step is kept, its weights and those the checkpoints refer
    /// to.
    public long diskBytes(TrainSettings settings) {
        long each = settings.precision().bytes();
        long average = settings.refinements().averageDecay() > 0 ? 4 : 0;
        long state =
                (4 + average) * trainable()
                        + stateBytes(settings.optimizer(), settings.precision());
        long best = settings.refinements().watchesBest() ? 3 * 4 * trainable() : 0;
        return parameters() * each + 4 * adapterValues() + 2 * state + best;
    }
}
