package dev.tailor.merge.internal.svd;

/// A matrix `[rows, columns]`, row-major, in single precision.
public record Matrix(int rows, int columns, float[] values) {}
