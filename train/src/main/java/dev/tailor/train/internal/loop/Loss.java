package dev.tailor.train.internal.loop;

import dev.tailor.train.internal.batch.MicroBatch;

import java.util.List;
import java.util.Map;

/// How an objective turns log-probabilities into a loss and a gradient.
sealed interface Loss permits TokenLoss, PairLoss, UnpairedLoss, StudentLoss {
    /// Runs the passes of one step forward and back. Afterwards the model's gradients are those of
    /// the mean loss over all of them: how the step was cut into passes makes no difference.
    StepOutcome learn(List<MicroBatch> passes, Forward forward);

    /// The loss and its companions on held-out passes, by name: `eval_loss` and others.
    Map<String, Double> measure(Iterable<MicroBatch> passes, LogProbs logProbs);
}
