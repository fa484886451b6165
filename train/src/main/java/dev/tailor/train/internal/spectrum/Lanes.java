package dev.tailor.train.internal.spectrum;

import jdk.incubator.vector.DoubleVector;

/// Sums over the lanes of a vector.
final class Lanes {
    private Lanes() {}

    /// The sum of all lanes, from the first to the last. The order of `reduceLanes` is left to the
    /// virtual machine and changes when a loop is compiled: scores would not repeat bit for bit.
    static double sum(DoubleVector vector) {
        double sum = 0;
        for (double lane : vector.toArray()) {
            sum += lane;
        }
        return sum;
    }
}
