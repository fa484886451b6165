package dev.tailor.torch;

import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.optimiser.OptimiserFile;
import dev.tailor.torch.internal.optimiser.ParameterState;
import dev.tailor.torch.internal.optimiser.Step;

import java.nio.file.Path;
import java.util.List;

/// Updates the trainable parameters of a model, in float32: of a bfloat16 parameter, which is the
/// upper half of its float32 value, the lower half is kept beside it. Use one optimiser per model,
/// made after the choice of what is trained.
public final class Optimizer implements AutoCloseable {
    private final List<ParameterState> states;
    private long steps;

    /// An optimiser that remembers nothing yet.
    public Optimizer(CausalModel model, OptimizerSettings settings) {
        this.states = model.trainable().stream().map(p -> ParameterState.of(p, settings)).toList();
    }

    /// Keeps an exponential moving average of the weights from here on, in float32: the result is
    /// the average. `decay` lies in (0, 1). Schedule-free AdamW has an average of its own.
    public void averageWeights(double decay) {
        states.forEach(state -> state.keepAverage(decay));
    }

    /// The Euclidean norm of all gradients together.
    public double gradientNorm() {
        return Scoped.call(() -> Math.sqrt(ParameterState.squaredNorm(states)));
    }

    /// One update with every gradient multiplied by `gradientScale` (clipping, averaging); 1
    /// changes nothing. Parameters without a gradient stay as they are. The gradients stay too.
    public void step(double learningRate, double gradientScale) {
        steps++;
        ParameterState.step(states, new Step(steps, learningRate, gradientScale));
    }

    /// Drops the gradients.
    public void zeroGradients() {
        states.forEach(state -> state.parameter().dropGradient());
    }

    /// Updates made so far.
    public long steps() {
        return steps;
    }

    /// Gives the model the weights that are to be measured and kept, where the rule learns with
    /// others, until [#showLearning]. Do not step or save in between.
    public void showResult() {
        states.forEach(state -> Scoped.run(state::showResult));
    }

    /// Gives the model the weights that learn, bit for bit as they were before [#showResult].
    public void showLearning() {
        states.forEach(state -> Scoped.run(state::showLearning));
    }

    /// Writes the state *and the trained parameters themselves* in float32 to one safetensors file,
    /// bit for bit: with it and the base model a run continues exactly.
    public void save(Path file) {
        Scoped.run(() -> OptimiserFile.write(file, states, steps));
    }

    /// Reads what [#save] wrote, into the optimiser and the model's parameters.
    ///
    /// @throws dev.tailor.core.TailorException FILE_CORRUPT when it belongs to other parameters
    public void load(Path file) {
        steps = Scoped.call(() -> OptimiserFile.read(file, states));
    }

    @Override
    public void close() {
        states.forEach(ParameterState::close);
    }
}
