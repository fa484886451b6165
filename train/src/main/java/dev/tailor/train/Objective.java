package dev.tailor.train;

import dev.tailor.text.TrainOn;

/// What a stage learns from its data.
public sealed interface Objective {
    /// Continued pre-training: predict every token of every document. Documents longer than the
    /// sequence length are cut into pieces. With `pack`, rows hold several short documents, none of
    /// which sees another.
    record CausalLm(boolean pack) implements Objective {}

    /// Supervised fine-tuning: predict the completion, or the turns that `trainOn` names; the rest
    /// is context. With `pack`, rows hold several conversations, none of which sees another.
    record Supervised(boolean pack, TrainOn trainOn) implements Objective {}

    /// Direct preference optimisation: prefer the chosen answer to the rejected one, without moving
    /// far from the model as it stood before the first step (the reference). `beta > 0` is the
    /// strength of that tie.
    record Preference(PreferenceLoss loss, double beta) implements Objective {
        public Preference {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be positive, not " + beta);
            }
        }

        /// DPO as published: sigmoid loss, no label smoothing, `beta` 0.1.
        public static Preference dpo() {
            return new Preference(new PreferenceLoss.Sigmoid(0), 0.1);
        }
    }
}
