package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;

import java.util.ArrayList;
import java.util.List;

/// The Riemannian mean of the inputs' directions (Karcher 1977), as long as the inputs are on
/// average. Each iteration looks at the directions from the present mean `u`, on the tangent plane
/// there, and follows their mean `T` along the sphere: `u cos |T| + T/|T| sin |T|`.
final class Karcher {
    private Karcher() {}

    static TileOperation prepare(Work work, Operation.Karcher karcher) {
        return work.tiles().rounding().isStepwise()
                ? SteppedKarcher.prepare(work, karcher)
                : Combination.prepare(
                        work, Operation.Vectors.TENSOR, gram -> coefficients(gram, karcher));
    }

    private static double[] coefficients(Gram gram, Operation.Karcher karcher) {
        List<double[]> units = new ArrayList<>();
        double length = 0;
        for (double[] x : gram.vectors(false)) {
            double norm = gram.norm(x);
            length += norm / gram.size();
            if (norm > karcher.tolerance()) {
                units.add(Gram.times(1 / norm, x));
            }
        }
        return units.isEmpty()
                ? new double[gram.size()]
                : Gram.times(length, mean(gram, units, karcher));
    }

    /// The mean direction of unit vectors.
    private static double[] mean(Gram gram, List<double[]> units, Operation.Karcher karcher) {
        double tolerance = karcher.tolerance();
        double[] u = new double[gram.size()];
        for (double[] unit : units) {
            Gram.add(u, 1.0 / units.size(), unit);
        }
        double norm = gram.norm(u);
        u = norm < tolerance ? units.getFirst() : Gram.times(1 / norm, u);
        for (int iteration = 0; iteration < karcher.maxIterations(); iteration++) {
            double[] tangent = tangent(gram, u, units, tolerance);
            double distance = gram.norm(tangent);
            if (distance < tolerance) {
                break;
            }
            u = Gram.times(Math.cos(distance), u);
            Gram.add(u, Math.sin(distance) / distance, tangent);
            u = Gram.times(1 / gram.norm(u), u);
        }
        return u;
    }

    /// The mean of the unit vectors on the tangent plane at `u`. What lies at `u`, or just
    /// opposite, where no way is the shortest, does not pull.
    private static double[] tangent(Gram gram, double[] u, List<double[]> units, double tolerance) {
        double[] tangent = new double[gram.size()];
        for (double[] unit : units) {
            double cosine = Math.clamp(gram.product(u, unit), -1, 1);
            double angle = Math.acos(cosine);
            if (angle >= tolerance && Math.PI - angle >= tolerance) {
                double pull = angle / Math.sin(angle) / units.size();
                Gram.add(tangent, pull, unit);
                Gram.add(tangent, -pull * cosine, u);
            }
        }
        return tangent;
    }
}
