package dev.tailor.torch;

import dev.tailor.core.Seed;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/// A decoder-only language model in native memory, with its gradients and at most one adapter. Not
/// for use by several threads at once. Close it to free its memory.
public final class CausalModel implements AutoCloseable {
    private CausalModel() {}

    /// Reads a model directory (`config.json` and safetensors, single or sharded) into memory.
    ///
    /// @throws dev.tailor.core.TailorException MODEL_INVALID naming a missing, extra or wrongly
    ///   shaped tensor
    public static CausalModel load(Path modelDirectory, Precision precision) {
        throw todo();
    }

    /// A model with fresh random weights, the same for the same seed on every machine.
    public static CausalModel initialise(DecoderConfig config, Precision precision, Seed seed) {
        throw todo();
    }

    /// The model's shape.
    public DecoderConfig config() {
        throw todo();
    }

    /// The number format of weights and activations.
    public Precision precision() {
        throw todo();
    }

    /// The model's own parameters in the order of the checkpoint, then those of the adapter.
    public List<ParameterInfo> parameters() {
        throw todo();
    }

    /// Chooses which of the model's own parameters learn, by name. Nothing learns at first. Frozen
    /// parameters cost no gradient, and nothing is computed backwards below the lowest one that
    /// learns. Gradients collected so far are dropped.
    public void train(Predicate<String> names) {
        throw todo();
    }

    /// Adds a fresh adapter that learns: A from a uniform distribution, B zero, so that the model
    /// answers as before. The model's own parameters are frozen.
    public void addAdapter(LoraConfig config, Seed seed) {
        throw todo();
    }

    /// Adds an adapter from a PEFT directory.
    ///
    /// @throws dev.tailor.core.TailorException MODEL_INVALID when it does not fit this model
    public void loadAdapter(Path peftDirectory, boolean trainable) {
        throw todo();
    }

    /// Switches the adapter off (the model answers as without it) or on again.
    public void adapterEnabled(boolean enabled) {
        throw todo();
    }

    /// Adds the adapter's product to the weights, rounded once, and removes the adapter.
    public void fuseAdapter() {
        throw todo();
    }

    /// Removes the adapter without touching the weights.
    public void removeAdapter() {
        throw todo();
    }

    /// Writes the adapter as a PEFT directory (`adapter_config.json`, `adapter_model.safetensors`).
    public void saveAdapter(Path directory) {
        throw todo();
    }

    /// The log-probability of the target at every position, 0 where there is none; no way back.
    public float[] logProbs(PackedBatch batch) {
        throw todo();
    }

    /// [#logProbs] together with the likeliest token of every scored position, in one pass.
    public TokenScores scores(PackedBatch batch) {
        throw todo();
    }

    /// Logits of positions `from` to `to` (exclusive), row by row: `(to - from) × vocabulary`
    /// values.
    public float[] logits(PackedBatch batch, int from, int to) {
        throw todo();
    }

    /// Runs the model forward, keeping what the way back needs. `dropoutSeed` decides which units
    /// an adapter's dropout drops in this pass; pass the step number or so, and equal seeds drop
    /// equally.
    public ForwardPass forward(PackedBatch batch, Activations activations, long dropoutSeed) {
        throw todo();
    }

    /// The values of one parameter as float32, row by row.
    public float[] values(String parameter) {
        throw todo();
    }

    /// The gradient of one trainable parameter as float32, zeros where none was collected.
    public float[] gradient(String parameter) {
        throw todo();
    }

    /// Writes `model.safetensors` (shards of at most 5 GB) and `config.json` into an existing
    /// directory. Tokenizer files are the caller's.
    public void save(Path directory, Precision precision) {
        throw todo();
    }

    @Override
    public void close() {}

    private static UnsupportedOperationException todo() {
        return new UnsupportedOperationException("not there yet");
    }
}
