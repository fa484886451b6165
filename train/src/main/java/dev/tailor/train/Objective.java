package dev.tailor.train;

import dev.tailor.text.TrainOn;
import dev.tailor.train.distillation.DistillationLoss;
import dev.tailor.train.distillation.HiddenPairs;
import dev.tailor.train.distillation.MissingMass;
import dev.tailor.train.distillation.Teaching;
import dev.tailor.train.preference.AnswerLoss;
import dev.tailor.train.preference.Divergence;
import dev.tailor.train.preference.MarginLoss;
import dev.tailor.train.preference.PolicyLoss;
import dev.tailor.train.preference.PreferenceLoss;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a stage learns from its data.
public sealed interface Objective {
    /// Continued pre-training: predict every token of every document. Documents longer than the
    /// sequence length are cut into pieces. With `pack`, rows hold several short documents, none of
    /// which sees another. Texts with questions and answers about them stand in chains.
    record CausalLm(boolean pack, Augmentation augmentation) implements Objective {
        /// With the standard chains.
        public CausalLm(boolean pack) {
            this(pack, Augmentation.standard());
        }
    }

    /// Supervised fine-tuning: predict the completion, or the turns that `trainOn` names; the rest
    /// is context. With `pack`, rows hold several conversations, none of which sees another.
    record Supervised(boolean pack, TrainOn trainOn) implements Objective {}

    /// Preference optimisation: prefer the chosen answer to the rejected one, without moving far
    /// from the model as it stood before the first step (the reference), if the loss has one.
    ///
    /// @param beta the strength of the tie to the reference, or the scale of rewards; above 0
    /// @param divergence how the distance from the reference is measured; another one than reverse
    ///   KL only with a [MarginLoss] or a mixture of those
    /// @param referenceFree takes every answer to be equally likely under the reference, which is
    ///   then never asked
    /// @param tailWeight the weight, in [0, 1], of the tokens of an answer beyond the length of the
    ///   shorter one: 1 counts them fully; less takes away what length alone earns (LD-DPO, arXiv
    ///   2409.06411). Below 1 not with a [PolicyLoss]
    record Preference(
            PreferenceLoss loss,
            double beta,
            Divergence divergence,
            boolean referenceFree,
            double tailWeight)
            implements Objective {
        public Preference {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be positive, not " + beta);
            }
            if (!(tailWeight >= 0 && tailWeight <= 1)) {
                throw new IllegalArgumentException(
                        "the weight of tails must lie in [0, 1], not " + tailWeight);
            }
            if (!(divergence instanceof Divergence.ReverseKl) && !takesDivergence(loss)) {
                throw new IllegalArgumentException(loss + " knows no divergence but reverse KL");
            }
            if (tailWeight < 1 && !takesTailWeight(loss)) {
                throw new IllegalArgumentException(loss + " weighs all tokens alike");
            }
        }

        /// A loss tied to its reference as DPO ties it.
        public Preference(PreferenceLoss loss, double beta) {
            this(loss, beta, new Divergence.ReverseKl(), false, 1);
        }

        /// DPO as published: sigmoid loss, no label smoothing, `beta` 0.1.
        public static Preference dpo() {
            return new Preference(new MarginLoss.Sigmoid(0), 0.1);
        }

        /// Whether the loss makes sense with another divergence than reverse KL.
        public static boolean takesDivergence(PreferenceLoss loss) {
            return loss.leaves().allMatch(MarginLoss.class::isInstance);
        }

        /// Whether the loss makes sense with a weight of tails below 1.
        public static boolean takesTailWeight(PreferenceLoss loss) {
            return loss.leaves().noneMatch(PolicyLoss.class::isInstance);
        }

        /// Whether the reference is asked about the answers.
        public boolean usesReference() {
            return loss.usesReference() && !referenceFree;
        }
    }

    /// Preference optimisation on single answers: give wanted ones more probability and unwanted
    /// ones less than the reference, the model as it stood before the first step, gives them. Pairs
    /// count as a wanted and an unwanted answer.
    ///
    /// @param beta the strength of the tie to the reference, above 0
    /// @param wantedWeight the weight of wanted answers, above 0. Where they are few, the paper
    ///   chooses weights so that weight times number of one kind is 1 to 4/3 times that of the
    ///   other
    /// @param unwantedWeight the weight of unwanted answers, above 0
    record Unpaired(AnswerLoss loss, double beta, double wantedWeight, double unwantedWeight)
            implements Objective {
        public Unpaired {
            if (!(beta > 0 && wantedWeight > 0 && unwantedWeight > 0)) {
                throw new IllegalArgumentException(
                        "beta and weights must be positive, not %s, %s and %s"
                                .formatted(beta, wantedWeight, unwantedWeight));
            }
        }

        /// KTO as published: `beta` 0.1, equal weights.
        public static Unpaired kto() {
            return new Unpaired(new AnswerLoss.Kto(), 0.1, 1, 1);
        }

        /// The weight of an answer.
        public double weight(boolean wanted) {
            return wanted ? wantedWeight : unwantedWeight;
        }
    }

    /// Distillation: learn text as [CausalLm] does and conversations as [Supervised] does, but from
    /// what a teacher model thinks of every token.
    ///
    /// @param losses of which the weighted mean is learnt, each at most once
    /// @param temperature what the logits of both are divided by before they are compared, above 0
    /// @param hidden which hidden states are compared, by the losses of hidden states
    /// @param projects whether a learnt projection stands between hidden states even of the same
    ///   width
    /// @param teacher its directory; empty where a store of what it said is at hand
    record Distillation(
            boolean pack,
            TrainOn trainOn,
            List<DistillationLoss.Part> losses,
            double temperature,
            HiddenPairs hidden,
            boolean projects,
            Teaching teaching,
            Optional<Path> teacher)
            implements Objective {
        public Distillation {
            losses = List.copyOf(losses);
            if (losses.isEmpty()
                    || losses.stream().map(DistillationLoss.Part::loss).distinct().count()
                            < losses.size()) {
                throw new IllegalArgumentException("losses must be there, each once: " + losses);
            }
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new IllegalArgumentException(
                        "temperature must be positive, not " + temperature);
            }
            if (teaching instanceof Teaching.Stored stored) {
                if (comparesHidden(losses)) {
                    throw new IllegalArgumentException("no hidden states are stored");
                }
                if (stored.missing() == MissingMass.ZERO && needsEveryOutcome(losses)) {
                    throw new IllegalArgumentException(
                            "reverse KL is infinite where tokens are left out");
                }
            }
        }

        /// Whether a loss compares hidden states.
        public static boolean comparesHidden(List<DistillationLoss.Part> losses) {
            return losses.stream().anyMatch(part -> part.loss() instanceof DistillationLoss.Hidden);
        }

        /// Whether a loss is infinite where the teacher leaves tokens out.
        public static boolean needsEveryOutcome(List<DistillationLoss.Part> losses) {
            return losses.stream()
                    .anyMatch(part ->
                            part.loss() instanceof DistillationLoss.Tokens tokens
                                    && tokens.divergence().needsEveryOutcome());
        }

        /// The same with the teacher in a directory.
        public Distillation with(Path directory) {
            return new Distillation(
                    pack,
                    trainOn,
                    losses,
                    temperature,
                    hidden,
                    projects,
                    teaching,
                    Optional.of(directory));
        }
    }
}
