package dev.tailor.merge;

import java.util.ArrayList;
import java.util.List;

/// The spherical methods as the books have them, on whole vectors in double precision.
final class SphericalMean {
    private SphericalMean() {}

    static double[] nuslerp(List<double[]> x, double weight0, double weight1) {
        double t = weight1 / (weight0 + weight1);
        double cosine = dot(x.get(0), x.get(1)) / norm(x.get(0)) / norm(x.get(1));
        double angle = Math.acos(cosine);
        return sum(
                List.of(
                        times(Math.sin((1 - t) * angle) / Math.sin(angle), x.get(0)),
                        times(Math.sin(t * angle) / Math.sin(angle), x.get(1))));
    }

    static double[] multislerp(List<double[]> x, double... weights) {
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        List<double[]> parts = new ArrayList<>();
        double length = 0;
        for (int k = 0; k < x.size(); k++) {
            parts.add(times(weights[k] / total / norm(x.get(k)), x.get(k)));
            length += weights[k] / total * norm(x.get(k));
        }
        double[] direction = unit(sum(parts));
        List<double[]> tangents = new ArrayList<>();
        for (int k = 0; k < x.size(); k++) {
            double[] unit = unit(x.get(k));
            double[] tangent = sum(List.of(unit, times(-dot(unit, direction), direction)));
            tangents.add(times(weights[k] / total, tangent));
        }
        double[] tangent = sum(tangents);
        double turn = norm(tangent) + 1e-8;
        return times(
                length,
                sum(
                        List.of(
                                times(Math.cos(turn), direction),
                                times(Math.sin(turn) / turn, tangent))));
    }

    static double[] karcher(List<double[]> x) {
        List<double[]> units = x.stream().map(SphericalMean::unit).toList();
        double[] u = unit(sum(units));
        for (int iteration = 0; iteration < 50; iteration++) {
            List<double[]> pulls = new ArrayList<>();
            for (double[] unit : units) {
                double cosine = Math.min(1, dot(u, unit));
                double angle = Math.acos(cosine);
                double factor = angle < 1e-9 ? 1 : angle / Math.sin(angle);
                pulls.add(times(factor / units.size(), sum(List.of(unit, times(-cosine, u)))));
            }
            double[] tangent = sum(pulls);
            double distance = norm(tangent);
            if (distance < 1e-14) {
                break;
            }
            u =
                    unit(
                            sum(
                                    List.of(
                                            times(Math.cos(distance), u),
                                            times(Math.sin(distance) / distance, tangent))));
        }
        double length = x.stream().mapToDouble(SphericalMean::norm).average().orElseThrow();
        return times(length, u);
    }

    /// From the models' differences to the origin, the way from there.
    static double[] modelStock(List<double[]> x) {
        int models = x.size();
        List<Double> cosines = new ArrayList<>();
        for (int i = 0; i < models; i++) {
            for (int j = i + 1; j < models; j++) {
                cosines.add(dot(x.get(i), x.get(j)) / norm(x.get(i)) / norm(x.get(j)));
            }
        }
        double cosine = cosines.stream().mapToDouble(each -> each).average().orElseThrow();
        double share = models * cosine / (1 + (models - 1) * cosine);
        return times(share / models, sum(x));
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    private static double[] unit(double[] a) {
        return times(1 / norm(a), a);
    }

    private static double[] times(double factor, double[] a) {
        double[] product = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            product[i] = factor * a[i];
        }
        return product;
    }

    private static double[] sum(List<double[]> vectors) {
        double[] sum = new double[vectors.getFirst().length];
        for (double[] vector : vectors) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += vector[i];
            }
        }
        return sum;
    }
}
