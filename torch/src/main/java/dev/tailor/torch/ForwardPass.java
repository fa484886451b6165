package dev.tailor.torch;

import java.util.Optional;

/// One pass through the model whose way back is still open. Use exactly one of [#backward],
/// [#crossEntropyBackward] and [#logitsBackward], at most once, then close it. Not for use by
/// several threads.
public interface ForwardPass extends AutoCloseable {
    /// The log-probability of the target at every position, 0 where there is none. Length:
    /// positions of the batch. Logits are built for scored positions only, a few hundred rows at a
    /// time.
    float[] logProbs();

    /// Adds the gradient of `Σ coefficients[i] · logProbs[i]` to every trainable parameter, so pass
    /// `dLoss/dLogProb`. Coefficients at positions without target are not read.
    void backward(float[] coefficients);

    /// [#logProbs] and [#backward] in one go, for coefficients that do not depend on the
    /// log-probabilities: the head is computed once instead of twice. With `loss = -Σ w[i] ·
    /// logProbs[i]` the coefficients are `-w`.
    float[] crossEntropyBackward(float[] coefficients);

    /// Goes back from a loss that `loss` tells of at every scored position. Logits, the teacher's
    /// too, are built a few hundred rows at a time.
    ///
    /// @param teacher what another model has made of the same batch
    void logitsBackward(Optional<ScoredStates> teacher, LogitLoss loss);

    /// A hidden state, as [CausalModel#hiddenStates] counts them, at the scored positions: `scored
    /// × hidden` values.
    ///
    /// @throws IllegalStateException for one below everything that learns
    float[] hidden(int index);

    /// Adds to the derivative by that hidden state. Call it before going back, once for each.
    void hiddenGradient(int index, float[] gradient);

    /// Adds the routers' balance (Fedus et al. 2021) to the objective that goes back, where the
    /// configuration gives it a weight; without experts or without that weight nothing happens.
    /// Call it before going back.
    ///
    /// @param share this pass's part of the step; the parts of a step add up to 1
    /// @return what it adds to the objective
    double balance(double share);

    /// Frees what was kept for the way back.
    @Override
    void close();
}
