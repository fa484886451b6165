package dev.tailor.merge.internal.kernel;

import static dev.tailor.merge.internal.kernel.VectorKernels.DOUBLES;
import static dev.tailor.merge.internal.kernel.VectorKernels.FLOATS;
import static dev.tailor.merge.internal.kernel.VectorKernels.LANES;
import static dev.tailor.merge.internal.kernel.VectorKernels.inOrder;
import static dev.tailor.merge.internal.kernel.VectorKernels.widened;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/// [MergeKernels#gram] a whole vector at a time. Two and three inputs, the usual numbers, are read
/// and widened once for all products.
final class VectorGram {
    private VectorGram() {}

    /// The products of elements `from` to `bound - 1`, a multiple of a vector's length.
    static double[] products(float[][] x, int from, int bound) {
        return switch (x.length) {
            case 2 -> ofTwo(x[0], x[1], from, bound);
            case 3 -> ofThree(x[0], x[1], x[2], from, bound);
            default -> byPair(x, from, bound);
        };
    }

    private static double[] ofTwo(float[] x0, float[] x1, int from, int bound) {
        DoubleVector low00 = DoubleVector.zero(DOUBLES);
        DoubleVector low01 = low00;
        DoubleVector low11 = low00;
        DoubleVector high00 = low00;
        DoubleVector high01 = low00;
        DoubleVector high11 = low00;
        for (int i = from; i < bound; i += LANES) {
            FloatVector a = FloatVector.fromArray(FLOATS, x0, i);
            FloatVector b = FloatVector.fromArray(FLOATS, x1, i).sub(a);
            DoubleVector low0 = widened(a, 0);
            DoubleVector low1 = widened(b, 0);
            low00 = low0.fma(low0, low00);
            low01 = low0.fma(low1, low01);
            low11 = low1.fma(low1, low11);
            DoubleVector high0 = widened(a, 1);
            DoubleVector high1 = widened(b, 1);
            high00 = high0.fma(high0, high00);
            high01 = high0.fma(high1, high01);
            high11 = high1.fma(high1, high11);
        }
        return new double[] {
            inOrder(low00.add(high00)), inOrder(low01.add(high01)), inOrder(low11.add(high11))
        };
    }

    private static double[] ofThree(float[] x0, float[] x1, float[] x2, int from, int bound) {
        DoubleVector sum00 = DoubleVector.zero(DOUBLES);
        DoubleVector sum01 = sum00;
        DoubleVector sum02 = sum00;
        DoubleVector sum11 = sum00;
        DoubleVector sum12 = sum00;
        DoubleVector sum22 = sum00;
        for (int i = from; i < bound; i += LANES) {
            FloatVector a = FloatVector.fromArray(FLOATS, x0, i);
            FloatVector b = FloatVector.fromArray(FLOATS, x1, i).sub(a);
            FloatVector c = FloatVector.fromArray(FLOATS, x2, i).sub(a);
            for (int part = 0; part < 2; part++) {
                DoubleVector d0 = widened(a, part);
                DoubleVector d1 = widened(b, part);
                DoubleVector d2 = widened(c, part);
                sum00 = d0.fma(d0, sum00);
                sum01 = d0.fma(d1, sum01);
                sum02 = d0.fma(d2, sum02);
                sum11 = d1.fma(d1, sum11);
                sum12 = d1.fma(d2, sum12);
                sum22 = d2.fma(d2, sum22);
            }
        }
        return new double[] {
            inOrder(sum00),
            inOrder(sum01),
            inOrder(sum02),
            inOrder(sum11),
            inOrder(sum12),
            inOrder(sum22)
        };
    }

    private static double[] byPair(float[][] x, int from, int bound) {
        double[] products = new double[x.length * (x.length + 1) / 2];
        int next = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = i; j < x.length; j++) {
                products[next++] = ofPair(x, i, j, from, bound);
            }
        }
        return products;
    }

    private static double ofPair(float[][] x, int i, int j, int from, int bound) {
        DoubleVector low = DoubleVector.zero(DOUBLES);
        DoubleVector high = DoubleVector.zero(DOUBLES);
        for (int at = from; at < bound; at += LANES) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, x[0], at);
            FloatVector a = i == 0 ? x0 : FloatVector.fromArray(FLOATS, x[i], at).sub(x0);
            FloatVector b = j == 0 ? x0 : FloatVector.fromArray(FLOATS, x[j], at).sub(x0);
            low = widened(a, 0).fma(widened(b, 0), low);
            high = widened(a, 1).fma(widened(b, 1), high);
        }
        return inOrder(low.add(high));
    }
}
