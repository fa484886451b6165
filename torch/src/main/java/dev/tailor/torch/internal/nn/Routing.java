package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Which experts each position goes to, and what each of their answers counts (Shazeer et al.
/// 2017): the softmax over all experts' logits, of which the `perToken` largest are taken.
///
/// @param probabilities of every position, every expert's
/// @param chosen of every position, the experts from the likeliest on; of equals, the first
/// @param weights of every position, what those chosen count
/// @param normalised whether weights of a position add up to 1
record Routing(float[][] probabilities, int[][] chosen, float[][] weights, boolean normalised) {
    /// Routes positions by logits `[positions, experts]`.
    static Routing of(Tensor logits, int perToken, boolean normalised) {
        int positions = Math.toIntExact(logits.size(0));
        int experts = Math.toIntExact(logits.size(1));
        float[] flat = Tensors.floats(logits);
        float[][] probabilities = new float[positions][];
        int[][] chosen = new int[positions][];
        float[][] weights = new float[positions][perToken];
        for (int r = 0; r < positions; r++) {
            float[] p = softmax(Arrays.copyOfRange(flat, r * experts, (r + 1) * experts));
            probabilities[r] = p;
            chosen[r] = largest(p, perToken);
            double sum = normalised ? Arrays.stream(chosen[r]).mapToDouble(e -> p[e]).sum() : 1;
            for (int i = 0; i < perToken; i++) {
                weights[r][i] = (float) (p[chosen[r][i]] / sum);
            }
        }
        return new Routing(probabilities, chosen, weights, normalised);
    }

    private static float[] softmax(float[] row) {
        double max = IntStream.range(0, row.length).mapToDouble(i -> row[i]).max().orElse(0);
        double sum = 0;
        for (float value : row) {
            sum += Math.exp(value - max);
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (Math.exp(row[i] - max) / sum);
        }
        return row;
    }

    private static int[] largest(float[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Float.compare(values[b], values[a]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// The number of experts.
    int experts() {
        return probabilities[0].length;
    }

    /// The positions of one expert, and which of their choices it is.
    record Share(int expert, int[] rows, int[] places) {}

    /// The positions that go to an expert, in order.
    Share share(int expert) {
        int[] rows = new int[chosen.length];
        int[] places = new int[chosen.length];
        int count = 0;
        for (int r = 0; r < chosen.length; r++) {
            for (int place = 0; place < chosen[r].length; place++) {
                if (chosen[r][place] == expert) {
                    rows[count] = r;
                    places[count++] = place;
                }
            }
        }
        return new Share(expert, Arrays.copyOf(rows, count), Arrays.copyOf(places, count));
    }

    /// What the answers of an expert count, one value for each of its positions.
    float[] weights(Share share) {
        float[] values = new float[share.rows().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = weights[share.rows()[i]][share.places()[i]];
        }
        return values;
    }

    /// What the balance of the routers needs to know.
    RouterBalance.Load load() {
        int experts = experts();
        int[] counts = new int[experts];
        double[] sums = new double[experts];
        for (int r = 0; r < chosen.length; r++) {
            for (int expert : chosen[r]) {
                counts[expert]++;
            }
            for (int e = 0; e < experts; e++) {
                sums[e] += probabilities[r][e];
            }
        }
        return new RouterBalance.Load(counts, sums, chosen.length);
    }

    /// The derivatives by logits, row by row.
    ///
    /// @param dWeights the derivatives by [#weights]
    /// @param dProbabilities a derivative by each expert's probability that all positions share
    float[] backward(float[][] dWeights, double[] dProbabilities) {
        int experts = dProbabilities.length;
        float[] dLogits = new float[probabilities.length * experts];
        for (int r = 0; r < probabilities.length; r++) {
            double[] dp = dProbabilities.clone();
            double sum = 0;
            double mean = 0;
            for (int i = 0; normalised && i < chosen[r].length; i++) {
                sum += probabilities[r][chosen[r][i]];
                mean += (double) dWeights[r][i] * weights[r][i];
            }
            for (int i = 0; i < chosen[r].length; i++) {
                dp[chosen[r][i]] += normalised ? (dWeights[r][i] - mean) / sum : dWeights[r][i];
            }
            double shift = 0;
            for (int e = 0; e < experts; e++) {
                shift += dp[e] * probabilities[r][e];
            }
            for (int e = 0; e < experts; e++) {
                dLogits[r * experts + e] = (float) (probabilities[r][e] * (dp[e] - shift));
            }
        }
        return dLogits;
    }
}
