package dev.tailor.torch;

import java.util.Map;

/// A low-rank adapter (Hu et al. 2021): `y = W x + s · B(A(dropout(x)))` with A of shape `[rank,
/// in]`, B of shape `[out, rank]` and `s = alpha / rank`, or `alpha / √rank` with `rsLora`
/// (Kalajdzievski 2023).
///
/// `rankPattern` and `alphaPattern` override rank and alpha for modules; a key is a module name,
/// its end after a dot, or a regular expression for that end, as in PEFT.
public record LoraConfig(
        int rank,
        double alpha,
        double dropout,
        boolean rsLora,
        LoraTargets targets,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern) {
    /// Checks the ranges.
    public LoraConfig {
        if (rank < 1 || alpha <= 0 || dropout < 0 || dropout >= 1) {
            throw new IllegalArgumentException(
                    "rank "
                            + rank
                            + ", alpha "
                            + alpha
                            + ", dropout "
                            + dropout
                            + ": rank must be at least 1, alpha positive, dropout in [0, 1)");
        }
        rankPattern = Map.copyOf(rankPattern);
        alphaPattern = Map.copyOf(alphaPattern);
    }

    /// All linear layers, no dropout, one rank for all.
    public static LoraConfig of(int rank, double alpha) {
        return new LoraConfig(
                rank, alpha, 0, false, new LoraTargets.AllLinear(), Map.of(), Map.of());
    }
}
