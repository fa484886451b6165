package dev.tailor.torch.internal.generate;

import dev.tailor.core.SplitMix;
import dev.tailor.torch.SamplingSettings;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Chooses the next token from a row of logits, in plain Java so that the choice depends on the
/// logits and the seed alone. The filters and their order are those of transformers: repetition
/// penalty, temperature, top-k, top-p, min-p.
public final class Sampler {
    private final SamplingSettings settings;
    private final SplitMix random;

    /// Draws from this generator.
    public Sampler(SamplingSettings settings, SplitMix random) {
        this.settings = settings;
        this.random = random;
    }

    /// The next token. `logits` is overwritten; `seen` are the tokens of prompt and answer so far.
    public int choose(float[] logits, int[] seen) {
        if (settings.repetitionPenalty() != 1) {
            penalise(logits, seen);
        }
        if (settings.temperature() == 0) {
            return likeliest(logits);
        }
        Candidates candidates = candidates(logits);
        return candidates.draw(random.nextDouble());
    }

    private void penalise(float[] logits, int[] seen) {
        float penalty = (float) settings.repetitionPenalty();
        for (int token : Arrays.stream(seen).distinct().toArray()) {
            logits[token] = logits[token] < 0 ? logits[token] * penalty : logits[token] / penalty;
        }
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    private Candidates candidates(float[] logits) {
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (logits[i] / settings.temperature());
        }
        int[] ids = IntStream.range(0, logits.length).toArray();
        if (settings.topK() > 0 && settings.topK() < logits.length) {
            float[] sorted = logits.clone();
            Arrays.sort(sorted);
            float least = sorted[sorted.length - settings.topK()];
            ids = Arrays.stream(ids).filter(id -> logits[id] >= least).toArray();
        }
        Candidates candidates = Candidates.of(ids, logits);
        if (settings.topP() < 1) {
            candidates = candidates.nucleus(settings.topP());
        }
        return settings.minP() > 0 ? candidates.atLeast(settings.minP()) : candidates;
    }

    /// Tokens in ascending order with their probabilities among each other.
    private record Candidates(int[] ids, double[] probabilities) {
        static Candidates of(int[] ids, float[] logits) {
            double max = Arrays.stream(ids).mapToDouble(id -> logits[id]).max().orElse(0);
            return new Candidates(
                    ids,
                    Arrays.stream(ids).mapToDouble(id -> Math.exp(logits[id] - max)).toArray());
        }

        private double total() {
            return Arrays.stream(probabilities).sum();
        }

        /// Drops the unlikeliest tokens as long as they make up at most `1 - p` together.
        Candidates nucleus(double p) {
            double spare = (1 - p) * total();
            // What is this small is dropped whatever the order: all of it together is within spare.
            double negligible = spare / ids.length;
            Integer[] order =
                    IntStream.range(0, ids.length)
                            .filter(i -> probabilities[i] > negligible)
                            .boxed()
                            .sorted(
                                    Comparator.comparingDouble((Integer i) -> probabilities[i])
                                            .thenComparing(Comparator.reverseOrder()))
                            .toArray(Integer[]::new);
            double dropped = Arrays.stream(probabilities).filter(q -> q <= negligible).sum();
            int first = 0;
            while (first < order.length - 1 && dropped + probabilities[order[first]] <= spare) {
                dropped += probabilities[order[first]];
                first++;
            }
            return subset(
                    Arrays.stream(order, first, order.length)
                            .mapToInt(Integer::intValue)
                            .sorted()
                            .toArray());
        }

        /// Keeps tokens with at least this share of the likeliest one's probability.
        Candidates atLeast(double share) {
            double least = share * Arrays.stream(probabilities).max().orElse(0);
            return subset(
                    IntStream.range(0, ids.length)
                            .filter(i -> probabilities[i] >= least)
                            .toArray());
        }

        private Candidates subset(int[] indices) {
            return new Candidates(
                    Arrays.stream(indices).map(i -> ids[i]).toArray(),
                    Arrays.stream(indices).mapToDouble(i -> probabilities[i]).toArray());
        }

        int draw(double uniform) {
            double left = uniform * total();
            int possible = 0;
            for (int i = 0; i < ids.length; i++) {
                left -= probabilities[i];
                if (left < 0) {
                    return ids[i];
                }
                // Rounding may leave a rest, which must not choose what cannot be.
                possible = probabilities[i] > 0 ? i : possible;
            }
            return ids[possible];
        }
    }
}
