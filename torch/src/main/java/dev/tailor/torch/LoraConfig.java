package dev.tailor.torch;

import java.util.Map;
import java.util.regex.Pattern;

/// A low-rank adapter (Hu et al. 2021): `y = W x + s · B(A(dropout(x)))` with A of shape `[rank,
/// in]`, B of shape `[out, rank]` and `s = alpha / rank`, or `alpha / √rank` with `rsLora`
/// (Kalajdzievski 2023).
///
/// `rankPattern` and `alphaPattern` override rank and alpha for modules; a key is a module name,
/// its end after a dot, or a regular expression for that end, as in PEFT.
///
/// @param variant what is done otherwise than in plain LoRA
public record LoraConfig(
        int rank,
        double alpha,
        double dropout,
        boolean rsLora,
        LoraTargets targets,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern,
        LoraVariant variant) {
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

    /// A plain adapter.
    public LoraConfig(
            int rank,
            double alpha,
            double dropout,
            boolean rsLora,
            LoraTargets targets,
            Map<String, Integer> rankPattern,
            Map<String, Double> alphaPattern) {
        this(rank, alpha, dropout, rsLora, targets, rankPattern, alphaPattern, LoraVariant.PLAIN);
    }

    /// All linear layers, no dropout, one rank for all.
    public static LoraConfig of(int rank, double alpha) {
        return new LoraConfig(
                rank, alpha, 0, false, new LoraTargets.AllLinear(), Map.of(), Map.of());
    }

    /// The same with other refinements.
    public LoraConfig with(LoraVariant other) {
        return new LoraConfig(
                rank, alpha, dropout, rsLora, targets, rankPattern, alphaPattern, other);
    }

    /// The rank of a module's matrices.
    public int rankOf(String module) {
        return pattern(rankPattern, module, rank);
    }

    /// What the product of a module's matrices, of that rank, is multiplied by.
    public double scaleOf(String module, long itsRank) {
        double itsAlpha = pattern(alphaPattern, module, alpha);
        return rsLora ? itsAlpha / Math.sqrt((double) itsRank) : itsAlpha / (double) itsRank;
    }

    /// The value of the first key that matches the module's name or its end after a dot.
    private static <T> T pattern(Map<String, T> patterns, String module, T otherwise) {
        return patterns.keySet().stream()
                .sorted()
                .filter(key -> Pattern.matches("(.*\\.)?(" + key + ")", module))
                .findFirst()
                .map(patterns::get)
                .orElse(otherwise);
    }
}
