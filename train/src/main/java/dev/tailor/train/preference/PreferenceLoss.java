package dev.tailor.train.preference;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a pair of answers costs; a step's loss is the mean over its pairs.
///
/// Every loss is one record: its formula, its derivative, and where it comes from. To add one,
/// write the record in the family it belongs to; its word in recipes goes into `LossWord` of the
/// workflow module.
///
/// Notation: `s` is the logistic function, `b` is `beta`, `c` the chosen and `r` the rejected
/// answer; `u` is the log-ratio `log policy - log reference` of an answer, summed over its tokens;
/// `d = u_c - u_r`.
///
/// | family | of | members |
/// |---|---|---|
/// | [MarginLoss] | `d` alone | sigmoid, hinge, ipo, robust, exo-pair, discopop, sigmoid-norm |
/// | [RewardLoss] | each answer's own `u` | nca-pair, bco-pair, sppo-hard, apo-zero, apo-down |
/// | [RankLoss] | all `d` of a step together | aot |
/// | [PolicyLoss] | the policy alone, no reference | sft, orpo, cpo, simpo |
/// | [Mixture] | other losses | weighted sums |
public sealed interface PreferenceLoss
        permits MarginLoss, RewardLoss, RankLoss, PolicyLoss, PreferenceLoss.Mixture {
    /// The term of one pair.
    PairTerm term(Pair pair, Scale scale);

    /// The terms of pairs that are learnt together, one for each.
    default List<PairTerm> terms(List<Pair> pairs, Scale scale) {
        return pairs.stream().map(pair -> term(pair, scale)).toList();
    }

    /// What is logged as an answer's reward.
    default double reward(Pair.Answer answer, double beta) {
        return beta * answer.score();
    }

    /// Whether the log-probabilities of a reference are needed.
    default boolean usesReference() {
        return true;
    }

    /// Whether the log-probability of the chosen answer's context is needed.
    default boolean readsPrompt() {
        return false;
    }

    /// The losses this one is a sum of; itself if it is none.
    default Stream<PreferenceLoss> leaves() {
        return Stream.of(this);
    }

    /// Whether a term depends on the other pairs of the step, so that [#terms] needs all of them.
    default boolean comparesPairs() {
        return false;
    }

    /// A weighted sum of losses, such as DPO with a likelihood term (RPO, arXiv 2404.19733; MPO,
    /// arXiv 2411.10442). Weights are above 0 and need not add up to 1. The reward that is logged
    /// is that of the first part.
    record Mixture(List<Part> parts) implements PreferenceLoss {
        /// A loss and its weight.
        public record Part(PreferenceLoss loss, double weight) {}

        public Mixture {
            parts = List.copyOf(parts);
            if (parts.isEmpty() || parts.stream().anyMatch(part -> !(part.weight > 0))) {
                throw new IllegalArgumentException("a mixture has parts of positive weight");
            }
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            return terms(List.of(pair), scale).getFirst();
        }

        @Override
        public List<PairTerm> terms(List<Pair> pairs, Scale scale) {
            List<PairTerm> sums = new ArrayList<>(pairs.stream().map(p -> PairTerm.ZERO).toList());
            for (Part part : parts) {
                List<PairTerm> terms = part.loss.terms(pairs, scale);
                for (int i = 0; i < terms.size(); i++) {
                    sums.set(i, sums.get(i).plus(part.weight, terms.get(i)));
                }
            }
            return sums;
        }

        @Override
        public double reward(Pair.Answer answer, double beta) {
            return parts.getFirst().loss.reward(answer, beta);
        }

        @Override
        public boolean usesReference() {
            return parts.stream().anyMatch(part -> part.loss.usesReference());
        }

        @Override
        public boolean readsPrompt() {
            return parts.stream().anyMatch(part -> part.loss.readsPrompt());
        }

        @Override
        public boolean comparesPairs() {
            return parts.stream().anyMatch(part -> part.loss.comparesPairs());
        }

        @Override
        public Stream<PreferenceLoss> leaves() {
            return parts.stream().flatMap(part -> part.loss.leaves());
        }

        @Override
        public String toString() {
            return parts.stream()
                    .map(part -> part.weight + " " + part.loss)
                    .collect(Collectors.joining(" + "));
        }
    }
}
