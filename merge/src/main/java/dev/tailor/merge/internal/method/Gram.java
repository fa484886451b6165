package dev.tailor.merge.internal.method;

import java.util.ArrayList;
import java.util.List;

/// The inner products of a tensor's inputs, by which whatever combines the inputs linearly is found
/// without looking at them again: a vector is its coefficients, its length and its angles follow.
///
/// The vectors that coefficients refer to are the first input and the differences of the others to
/// it: what is left of nearly equal inputs is not lost in the rounding of their own products.
///
/// @param size how many inputs there are
/// @param products those of input 0 or difference `i` with difference `j`, for `i` from 0 and `j`
///   from `i`: `size * (size + 1) / 2` of them
record Gram(int size, double[] products) {
    /// How many products there are.
    static int products(int size) {
        return size * (size + 1) / 2;
    }

    /// The inner product of two vectors.
    double product(double[] a, double[] b) {
        double sum = 0;
        int next = 0;
        for (int i = 0; i < size; i++) {
            sum += a[i] * b[i] * products[next++];
            for (int j = i + 1; j < size; j++) {
                sum += (a[i] * b[j] + a[j] * b[i]) * products[next++];
            }
        }
        return sum;
    }

    /// The length of a vector.
    double norm(double[] a) {
        return Math.sqrt(Math.max(0, product(a, a)));
    }

    /// The vectors to merge: the inputs, or with an origin the others' differences to it.
    List<double[]> vectors(boolean fromOrigin) {
        List<double[]> vectors = new ArrayList<>();
        for (int k = fromOrigin ? 1 : 0; k < size; k++) {
            double[] vector = new double[size];
            vector[0] = fromOrigin ? 0 : 1;
            vector[k] = 1;
            vectors.add(vector);
        }
        return vectors;
    }

    /// The result at a vector: with an origin, the vector leads from there.
    double[] result(double[] vector, boolean fromOrigin) {
        double[] result = vector.clone();
        result[0] += fromOrigin ? 1 : 0;
        return result;
    }

    /// `sum += factor * vector`.
    static void add(double[] sum, double factor, double[] vector) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * vector[i];
        }
    }

    /// `factor * vector`.
    static double[] times(double factor, double[] vector) {
        double[] product = new double[vector.length];
        add(product, factor, vector);
        return product;
    }
}
