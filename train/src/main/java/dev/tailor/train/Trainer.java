package dev.tailor.train;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.torch.Torch;
import dev.tailor.train.internal.loop.Session;
import dev.tailor.train.internal.loop.Stage;

/// Runs training stages.
public final class Trainer {
    private Trainer() {}

    /// Trains from where `request.work()` stands to the end and writes the finished model.
    ///
    /// Equal requests give equal losses bit for bit, however often they were stopped and continued,
    /// as long as the number of threads stays the same.
    ///
    /// Events: a [Event.Step] for every step (`loss`, `learning_rate`, `grad_norm`,
    /// `tokens_per_second`, `tokens`, `memory_bytes`, `epoch`; for preferences `rewards/chosen` and
    /// others too, for KTO `kl`), a [Event.Metric] for every held-out measurement (`eval_loss`,
    /// `eval_perplexity`, ...), a [Event.Answer] for every sample, and a [Event.Note] for what the
    /// user should know before the first step.
    ///
    /// @throws dev.tailor.core.TailorException `INTERRUPTED` when cancelled, after a checkpoint;
    ///   `TRAINING_DIVERGED` when loss or gradient is no longer finite; `DATA_INVALID`,
    ///   `MODEL_INVALID`, `CONFIG_INVALID` where the request does not fit together
    public static TrainResult train(
            TrainRequest request, Event.Listener listener, Cancellation cancellation) {
        Session session =
                new Session(
                        request.stage(),
                        request.settings(),
                        request.seed(),
                        listener,
                        cancellation);
        try {
            return new Stage(request, session).run();
        } finally {
            // What comes next in this process should not find its memory in pieces.
            Torch.releaseFreeMemory();
        }
    }
}
