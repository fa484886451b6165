package dev.tailor.merge.internal.method;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.Operation;

import java.util.ArrayList;
import java.util.List;

/// The weighted mean of vectors on the sphere (Goddard 2025): the mean of their directions, turned
/// by the weighted mean of the directions as they look from there, as long as the vectors are on
/// average.
///
/// Seen from the direction `m` of the mean `Σ w_k u_k`, the weighted mean of the `u_k` is `Σ w_k
/// (u_k - (u_k·m) m)`, which is 0: the mean less its own projection on itself. So there is no turn
/// but by rounding, and `m` is the result's direction. [SteppedMultislerp] makes the turn, with the
/// rounding.
final class Multislerp {
    /// A mean of unit vectors of single-precision numbers that is no longer than this is what
    /// rounding left of nothing.
    private static final double SHORTEST_MEAN = 1e-7;

    private Multislerp() {}

    static TileOperation prepare(Work work, Operation.Multislerp multislerp) {
        if (multislerp.weights().size() == 1) {
            return Average.copy(work, work.tiles().inputs() - 1, 1);
        }
        return work.tiles().rounding().isStepwise()
                ? SteppedMultislerp.prepare(work, multislerp)
                : Combination.prepare(
                        work,
                        Operation.Vectors.TENSOR,
                        gram -> coefficients(work, gram, multislerp));
    }

    private static double[] coefficients(Work work, Gram gram, Operation.Multislerp multislerp) {
        List<double[]> x = gram.vectors(multislerp.fromOrigin());
        List<Double> w = weights(multislerp);
        List<Double> lengths = x.stream().map(gram::norm).toList();
        double[] mean = new double[gram.size()];
        double length = 0;
        for (int k = 0; k < x.size(); k++) {
            Gram.add(mean, w.get(k) / (lengths.get(k) + multislerp.epsilon()), x.get(k));
            length += w.get(k) * lengths.get(k);
        }
        double norm = gram.norm(mean);
        if (norm >= Math.max(multislerp.epsilon(), SHORTEST_MEAN)) {
            return gram.result(Gram.times(length / norm, mean), multislerp.fromOrigin());
        }
        if (x.size() > 2 && lengths.stream().anyMatch(each -> each > 0)) {
            throw noMean(work);
        }
        double[] linear = new double[gram.size()];
        for (int k = 0; k < x.size(); k++) {
            Gram.add(linear, w.get(k), x.get(k));
        }
        return gram.result(linear, multislerp.fromOrigin());
    }

    private static List<Double> weights(Operation.Multislerp multislerp) {
        double sum = multislerp.weights().stream().mapToDouble(Double::doubleValue).sum();
        List<Double> weights = new ArrayList<>(multislerp.weights());
        weights.replaceAll(each -> each / (multislerp.normalizeWeights() ? sum : 1));
        return weights;
    }

    /// Says that the models' directions cancel.
    static TailorException noMean(Work work) {
        return TailorException.of(
                        ErrorCode.CONFIG_INVALID,
                        "multislerp: the weighted directions of the models cancel each other in"
                                + " the tensor '"
                                + work.tiles().tensor().output().name()
                                + "'")
                .remedy("choose other weights");
    }
}
