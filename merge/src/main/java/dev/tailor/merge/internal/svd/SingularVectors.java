package dev.tailor.merge.internal.svd;

import org.ejml.data.DMatrixRMaj;

/// The leading singular values and vectors of a matrix `[p, q]`.
///
/// @param left `[p, count]`, orthonormal columns
/// @param scaledRight `[q, count]`, orthogonal columns, each as long as its singular value
/// @param energies the squared singular values, descending
record SingularVectors(
        DMatrixRMaj left, DMatrixRMaj scaledRight, double[] energies, boolean exact) {}
