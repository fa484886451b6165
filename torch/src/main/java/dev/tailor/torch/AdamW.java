package dev.tailor.torch;

import java.nio.file.Path;

/// AdamW on the trainable parameters of a model, in float32: bfloat16 parameters have a float32
/// master copy. Use one optimiser per model, made after the choice of what is trained.
public final class AdamW implements AutoCloseable {
    /// An optimiser whose state is zero.
    public AdamW(CausalModel model, AdamWSettings settings) {}

    /// The Euclidean norm of all gradients together.
    public double gradientNorm() {
        throw new UnsupportedOperationException("not there yet");
    }

    /// One update with every gradient multiplied by `gradientScale` (clipping, averaging); 1
    /// changes nothing. The gradients stay as they are.
    public void step(double learningRate, double gradientScale) {
        throw new UnsupportedOperationException("not there yet");
    }

    /// Drops the gradients.
    public void zeroGradients() {
        throw new UnsupportedOperationException("not there yet");
    }

    /// Updates made so far.
    public long steps() {
        throw new UnsupportedOperationException("not there yet");
    }

    /// Writes the state *and the trained parameters themselves* in float32 to one safetensors file,
    /// bit for bit: with it and the base model a run continues exactly.
    public void save(Path file) {
        throw new UnsupportedOperationException("not there yet");
    }

    /// Reads what [#save] wrote, into the optimiser and the model's parameters.
    ///
    /// @throws dev.tailor.core.TailorException FILE_CORRUPT when it belongs to other parameters
    public void load(Path file) {
        throw new UnsupportedOperationException("not there yet");
    }

    @Override
    public void close() {}
}
