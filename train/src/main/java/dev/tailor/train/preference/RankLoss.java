package dev.tailor.train.preference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// A loss of the distribution of margins over the pairs of a step, not of each pair's own.
///
/// | loss | formula | source |
/// |---|---|---|
/// | aot | `-(1 - e) log s(b d) - e log s(-b d)`, `d` between the policy's and the reference's margin of equal rank | AOT, arXiv 2406.05882, paired |
public sealed interface RankLoss extends PreferenceLoss {
    @Override
    default boolean comparesPairs() {
        return true;
    }

    /// Alignment by optimal transport, paired: the policy's margins `log p_c - log p_r` shall
    /// dominate the reference's. In one dimension the optimal plan joins equal ranks, so this is
    /// [MarginLoss.Sigmoid] with the references exchanged. A pair alone has its own reference.
    record Aot(double labelSmoothing) implements RankLoss {
        public Aot {
            Share.check(labelSmoothing);
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            return new MarginLoss.Sigmoid(labelSmoothing).term(pair, scale);
        }

        @Override
        public List<PairTerm> terms(List<Pair> pairs, Scale scale) {
            List<Integer> byPolicy =
                    order(pairs, pair -> pair.chosen().policy() - pair.rejected().policy());
            List<Integer> byReference =
                    order(pairs, pair -> pair.chosen().reference() - pair.rejected().reference());
            List<PairTerm> terms =
                    new ArrayList<>(pairs.stream().map(pair -> PairTerm.ZERO).toList());
            for (int rank = 0; rank < pairs.size(); rank++) {
                Pair policy = pairs.get(byPolicy.get(rank));
                Pair reference = pairs.get(byReference.get(rank));
                Pair joined =
                        new Pair(
                                joined(policy.chosen(), reference.chosen()),
                                joined(policy.rejected(), reference.rejected()));
                terms.set(byPolicy.get(rank), term(joined, scale));
            }
            return terms;
        }

        private static Pair.Answer joined(Pair.Answer policy, Pair.Answer reference) {
            return new Pair.Answer(policy.policy(), reference.reference(), policy.tokens());
        }

        /// The indices of the pairs, smallest margin first.
        private static List<Integer> order(
                List<Pair> pairs, java.util.function.ToDoubleFunction<Pair> margin) {
            return IntStream.range(0, pairs.size())
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> margin.applyAsDouble(pairs.get(i))))
                    .toList();
        }
    }
}
