package dev.tailor.torch;

import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.kernels.AdamWUpdate;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.optimiser.Moments;
import dev.tailor.torch.internal.optimiser.OptimiserFile;

import java.nio.file.Path;
import java.util.List;

/// AdamW on the trainable parameters of a model, in float32: bfloat16 parameters have a float32
/// master copy. Use one optimiser per model, made after the choice of what is trained.
public final class AdamW implements AutoCloseable {
    private final List<Moments> moments;
    private final AdamWSettings settings;
    private long steps;

    /// An optimiser whose state is zero.
    public AdamW(CausalModel model, AdamWSettings settings) {
        this.settings = settings;
        this.moments = model.trainable().stream().map(Moments::new).toList();
    }

    /// The Euclidean norm of all gradients together.
    public double gradientNorm() {
        return Scoped.call(
                () -> Math.sqrt(moments.stream().mapToDouble(Moments::squaredNorm).sum()));
    }

    /// One update with every gradient multiplied by `gradientScale` (clipping, averaging); 1
    /// changes nothing. Parameters without a gradient stay as they are. The gradients stay too.
    public void step(double learningRate, double gradientScale) {
        steps++;
        for (Moments m : moments) {
            double decay = decays(m.parameter()) ? settings.weightDecay() : 0;
            double rate = learningRate * m.parameter().learningRateFactor();
            AdamWUpdate rule = AdamWUpdate.of(settings, steps, rate, decay, gradientScale);
            Scoped.run(() -> m.update(rule));
        }
    }

    /// transformers decays matrices only: neither norms nor biases, which are all vectors here.
    private boolean decays(Parameter parameter) {
        return settings.decayNormsAndBiases() || parameter.shape().size() > 1;
    }

    /// Drops the gradients.
    public void zeroGradients() {
        moments.forEach(m -> m.parameter().dropGradient());
    }

    /// Updates made so far.
    public long steps() {
        return steps;
    }

    /// Writes the state *and the trained parameters themselves* in float32 to one safetensors file,
    /// bit for bit: with it and the base model a run continues exactly.
    public void save(Path file) {
        OptimiserFile.write(file, moments, steps);
    }

    /// Reads what [#save] wrote, into the optimiser and the model's parameters.
    ///
    /// @throws dev.tailor.core.TailorException FILE_CORRUPT when it belongs to other parameters
    public void load(Path file) {
        steps = OptimiserFile.read(file, moments);
    }

    @Override
    public void close() {
        moments.forEach(Moments::close);
    }
}
