package dev.tailor.torch;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.adapter.Adapter;
import dev.tailor.torch.internal.adapter.FusedFiles;
import dev.tailor.torch.internal.adapter.Host;
import dev.tailor.torch.internal.adapter.PeftFiles;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.Nf4Weight;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.nn.ParameterSource;
import dev.tailor.torch.internal.nn.Scratch;
import dev.tailor.torch.internal.nn.Weight;
import dev.tailor.torch.internal.weights.ParameterFile;
import dev.tailor.torch.internal.weights.RandomWeights;
import dev.tailor.torch.internal.weights.WeightLayout;
import dev.tailor.torch.internal.weights.WeightReader;
import dev.tailor.torch.internal.weights.WeightWriter;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A decoder-only language model in native memory, with its gradients and at most one adapter. Not
/// for use by several threads at once. Close it to free its memory.
public final class CausalModel implements AutoCloseable {
    private final DecoderConfig config;
    private final Precision precision;
    private final Map<String, Weight> base;
    private final Decoder decoder;
    private final List<Parameter> projections = new ArrayList<>();
    private @Nullable Adapter adapter;

    private CausalModel(DecoderConfig config, Precision precision, Map<String, Weight> base) {
        this.config = config;
        this.precision = precision;
        this.base = base;
        this.decoder = new Decoder(config, new ParameterSource(base));
    }

    /// Reads a model directory (`config.json` and safetensors, single or sharded) into memory.
    ///
    /// @throws TailorException MODEL_INVALID naming a missing, extra or wrongly shaped tensor
    public static CausalModel load(Path modelDirectory, Precision precision) {
        Native.load();
        try (ModelDirectory directory = ModelDirectory.open(modelDirectory)) {
            DecoderConfig config = DecoderConfig.of(directory);
            WeightReader reader = new WeightReader(directory.checkpoint());
            Function<String, Tensor> weights = reader.weights(config, Tensors.type(precision));
            return make(config, precision, name -> new Parameter(name, weights.apply(name)));
        }
    }

    /// Reads a model with the weights of its layers' matrices in 4 bits (NF4, QLoRA, arXiv
    /// 2305.14314); embedding, norms, biases and head stay as they are. What is in 4 bits cannot
    /// learn, and is made into numbers for one product at a time.
    ///
    /// @param precision the number format of the other weights and of all activations
    /// @param doubleQuantisation whether the blocks' magnitudes are quantised as well
    /// @throws TailorException MODEL_INVALID as [#load], and for a model that is quantised already
    public static CausalModel loadQuantised(
            Path modelDirectory, Precision precision, boolean doubleQuantisation) {
        Native.load();
        try (ModelDirectory directory = ModelDirectory.open(modelDirectory)) {
            DecoderConfig config = DecoderConfig.of(directory);
            WeightReader reader = new WeightReader(directory.checkpoint());
            reader.requireUnquantised();
            Function<TensorInfo, Tensor> weights = reader.unconverted(config);
            Map<String, TensorInfo> infos = reader.infos(config);
            long largest =
                    infos.values().stream()
                            .filter(CausalModel::quantises)
                            .mapToLong(TensorInfo::elements)
                            .max()
                            .orElse(0);
            Scratch scratch = new Scratch(largest * bytes(precision));
            return make(
                    config,
                    precision,
                    name -> {
                        TensorInfo info = Objects.requireNonNull(infos.get(name));
                        Tensor values = weights.apply(info);
                        return quantises(info)
                                ? new Nf4Weight(
                                        info,
                                        Tensors.memory(values),
                                        precision,
                                        doubleQuantisation,
                                        scratch)
                                : new Parameter(
                                        name, Tensors.cast(values, Tensors.type(precision)));
                    });
        }
    }

    private static int bytes(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> Float.BYTES;
            case BFLOAT16 -> Short.BYTES;
        };
    }

    /// Whether [#loadQuantised] keeps a tensor of a model in 4 bits.
    public static boolean quantises(TensorInfo tensor) {
        return WeightLayout.isLayerMatrix(tensor);
    }

    /// A model with fresh random weights, the same for the same seed on every machine: matrices
    /// normal with the configuration's `initializer_range`, norms change nothing, biases 0.
    public static CausalModel initialise(DecoderConfig config, Precision precision, Seed seed) {
        Native.load();
        Map<String, List<Long>> layout = WeightLayout.of(config);
        return make(
                config,
                precision,
                name -> {
                    long[] shape =
                            layout.getOrDefault(name, List.of()).stream()
                                    .mapToLong(Long::longValue)
                                    .toArray();
                    float norm = config.norm().offset() ? 0 : 1;
                    Tensor values =
                            RandomWeights.initial(
                                    name, shape, config.initializerRange(), norm, seed);
                    return new Parameter(name, Tensors.cast(values, Tensors.type(precision)));
                });
    }

    private static CausalModel make(
            DecoderConfig config, Precision precision, Function<String, Weight> source) {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        try {
            for (String name : WeightLayout.of(config).keySet()) {
                parameters.put(name, Scoped.call(() -> source.apply(name)));
            }
            return new CausalModel(config, precision, parameters);
        } catch (RuntimeException | Error e) {
            parameters.values().forEach(Weight::close);
            throw e;
        }
    }

    /// The model's shape.
    public DecoderConfig config() {
        return config;
    }

    /// The number format of weights and activations. An adapter's matrices are always float32.
    public Precision precision() {
        return precision;
    }

    /// The model's own parameters in the order of computation, then those of the adapter.
    public List<ParameterInfo> parameters() {
        return allWeights()
                .map(p -> new ParameterInfo(p.name(), p.shape(), p.trainable()))
                .toList();
    }

    /// Chooses which of the model's own parameters learn, by name. Nothing learns at first. Frozen
    /// parameters cost no gradient, and nothing is computed backwards below the lowest one that
    /// learns. Gradients collected so far are dropped.
    public void train(Predicate<String> names) {
        for (Weight weight : base.values()) {
            boolean learns = names.test(weight.name());
            if (weight instanceof Parameter parameter) {
                parameter.trainable(learns);
            } else if (learns) {
                throw new IllegalArgumentException(weight.name() + " is quantised");
            }
        }
    }

    /// Adds a fresh adapter that learns: A from a uniform distribution, B zero, so that the model
    /// answers as before. The model's own parameters are frozen.
    ///
    /// @throws TailorException CONFIG_INVALID when no layer matches
    public void addAdapter(LoraConfig config, Seed seed) {
        requireNoAdapter();
        train(name -> false);
        attach(Adapter.fresh(host(), config, seed));
    }

    /// Adds an adapter from a PEFT directory. If it is to learn on, the model's own parameters are
    /// frozen.
    ///
    /// @throws TailorException MODEL_INVALID when it does not fit this model or is of an
    ///   unsupported kind
    public void loadAdapter(Path peftDirectory, boolean trainable) {
        Adapter read = read(peftDirectory);
        if (trainable) {
            read.learn(1);
        }
        attach(read);
    }

    /// As [#loadAdapter] of an adapter that learns on, B so many times faster than the rest
    /// (LoRA+).
    public void continueAdapter(Path peftDirectory, double learningRateRatio) {
        Adapter read = read(peftDirectory);
        read.learn(learningRateRatio);
        attach(read);
    }

    private Adapter read(Path peftDirectory) {
        requireNoAdapter();
        train(name -> false);
        return PeftFiles.read(peftDirectory, host());
    }

    Host host() {
        return new Host(decoder, base);
    }

    private void attach(Adapter made) {
        adapter = made;
        made.attach(decoder);
    }

    void requireNoAdapter() {
        if (adapter != null) {
            throw new IllegalStateException("the model has an adapter already");
        }
    }

    /// Switches the adapter off (the model answers as without it) or on again.
    public void adapterEnabled(boolean enabled) {
        requireAdapter().enabled(enabled);
    }

    /// Whether there is an adapter.
    public boolean hasAdapter() {
        return adapter != null;
    }

    /// Adds the adapter's product to the weights, rounded once, and removes the adapter.
    public void fuseAdapter() {
        Adapter fused = requireAdapter();
        fused.fuse(host());
        fused.close();
        adapter = null;
    }

    /// Removes the adapter; the weights are what they were without it.
    public void removeAdapter() {
        Adapter removed = requireAdapter();
        removed.detach(decoder);
        removed.close();
        adapter = null;
    }

    /// Writes the adapter as a PEFT directory (`adapter_config.json`, `adapter_model.safetensors`),
    /// matrices in float32, modules that learnt in full in the model's precision. An adapter that
    /// started from principal components is written as a plain one of twice the rank, for the base
    /// as it was.
    public void saveAdapter(Path directory) {
        PeftFiles.write(requireAdapter(), host(), directory);
    }

    /// Writes the model fused with its adapter from the weights of `modelDirectory`, the model this
    /// one was read from: for quantised models, whose own weights are not exact. One weight at a
    /// time is in memory; each keeps the type it has there and is rounded once. Writes
    /// `model.safetensors` or its shards and `config.json` into an existing directory.
    public void saveFused(Path modelDirectory, Path directory) {
        FusedFiles.write(requireAdapter(), host(), modelDirectory, directory);
    }

    private Adapter requireAdapter() {
        if (adapter == null) {
            throw new IllegalStateException("the model has no adapter");
        }
        return adapter;
    }

    /// The log-probability of the target at every position, 0 where there is none; no way back.
    public float[] logProbs(PackedBatch batch) {
        check(batch);
        return Scoped.call(() -> decoder.logProbs(batch));
    }

    /// [#logProbs] together with the likeliest token of every scored position, in one pass.
    public TokenScores scores(PackedBatch batch) {
        check(batch);
        return Scoped.call(() -> decoder.scores(batch));
    }

    /// Logits of positions `from` to `to` (exclusive), row by row: `(to - from) × vocabulary`
    /// values.
    public float[] logits(PackedBatch batch, int from, int to) {
        check(batch);
        return Scoped.call(() -> Tensors.floats(decoder.logits(batch, from, to)));
    }

    /// Hidden states as transformers reports them: after the embedding, after every layer but the
    /// last, and after the last norm; each `positions × hidden` values.
    public List<float[]> hiddenStates(PackedBatch batch) {
        check(batch);
        return Scoped.call(
                () -> decoder.hiddenStates(batch).stream().map(Tensors::floats).toList());
    }

    /// Runs the model forward and keeps what logits at the scored positions are made of, with the
    /// hidden states that are asked for, numbered from 0 (the embedding) to the number of layers.
    public ScoredStates states(PackedBatch batch, Set<Integer> hiddenStates) {
        check(batch);
        return Scoped.call(() -> decoder.states(batch, hiddenStates));
    }

    /// Adds a matrix that learns beside the model's parameters, uniform in `±√(6 / (outputs +
    /// inputs))` (Glorot and Bengio 2010). It is among [#parameters] and what [#saveTrainable]
    /// writes, not among what [#save] writes.
    public Projection addProjection(String name, int outputs, int inputs, Seed seed) {
        double bound = Math.sqrt(6.0 / (outputs + inputs));
        Parameter matrix =
                Scoped.call(() ->
                        new Parameter(
                                name, RandomWeights.uniform(name, outputs, inputs, bound, seed)));
        matrix.trainable(true);
        projections.add(matrix);
        return new Projection(matrix);
    }

    /// The lowest hidden state that can change: 0 where the embedding learns, `l + 1` where layer
    /// `l` does; more than there are layers where nothing learns.
    public int lowestLearningState() {
        int lowest = decoder.lowestLearning();
        return lowest == config.layers() + 1 ? config.layers() : lowest;
    }

    /// Runs the model forward, keeping what the way back needs. `dropoutSeed` decides which units
    /// an adapter's dropout drops in this pass; pass the step number or so, and equal seeds drop
    /// equally.
    public ForwardPass forward(PackedBatch batch, Activations activations, long dropoutSeed) {
        return forward(batch, activations, dropoutSeed, 0);
    }

    /// [#forward] with NEFTune's noise on the embedded tokens (arXiv 2310.05914): uniform, up to
    /// `embeddingNoise / √(length · hidden)` either way, decided by the same seed. 0 for none.
    public ForwardPass forward(
            PackedBatch batch, Activations activations, long seed, double embeddingNoise) {
        check(batch);
        return Scoped.call(() -> decoder.forward(batch, activations, seed, embeddingNoise));
    }

    private void check(PackedBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            int worst = Math.max(batch.tokens()[i], batch.targets()[i]);
            if (worst >= config.vocabularySize() || batch.tokens()[i] < 0) {
                throw unknownToken(worst);
            }
        }
    }

    TailorException unknownToken(int token) {
        return TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "token "
                                + token
                                + " is outside the model's embedding of "
                                + config.vocabularySize()
                                + " rows")
                .remedy("check that the tokenizer belongs to this model");
    }

    /// The values of one parameter as float32, row by row.
    public float[] values(String parameter) {
        return Scoped.call(() -> Tensors.floats(weight(parameter).data()));
    }

    /// The gradient of one trainable parameter as float32, zeros where none was collected.
    public float[] gradient(String parameter) {
        Weight found = weight(parameter);
        return Scoped.call(() ->
                found instanceof Parameter learning && learning.gradient().isPresent()
                        ? Tensors.floats(learning.gradient().get())
                        : new float[(int) found.data().numel()]);
    }

    /// Writes `model.safetensors` (shards of at most 5 GB) and `config.json` into an existing
    /// directory. Tokenizer files are the caller's; an adapter is not written.
    public void save(Path directory, Precision precision) {
        WeightWriter.write(directory, List.copyOf(base.values()), config.json(), precision);
    }

    /// Writes the parameters that learn, in the type they have, to one safetensors file.
    public void saveTrainable(Path file) {
        Scoped.run(() -> ParameterFile.write(file, trainable()));
    }

    /// Reads what [#saveTrainable] wrote, bit for bit.
    ///
    /// @throws TailorException FILE_CORRUPT when it belongs to other parameters
    public void loadTrainable(Path file) {
        Scoped.run(() -> ParameterFile.read(file, trainable()));
    }

    Decoder decoder() {
        return decoder;
    }

    List<Parameter> trainable() {
        return allWeights()
                .filter(Weight::trainable)
                .filter(Parameter.class::isInstance)
                .map(Parameter.class::cast)
                .toList();
    }

    private Stream<Weight> allWeights() {
        List<Weight> all = new ArrayList<>(base.values());
        if (adapter != null) {
            all.addAll(adapter.parameters());
        }
        all.addAll(projections);
        return all.stream();
    }

    private Weight weight(String name) {
        return allWeights()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no parameter " + name));
    }

    @Override
    public void close() {
        if (adapter != null) {
            removeAdapter();
        }
        base.values().forEach(Weight::close);
        projections.forEach(Weight::close);
    }
}
