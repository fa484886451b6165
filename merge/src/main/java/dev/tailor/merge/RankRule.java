package dev.tailor.merge;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

/// How the rank of each module of an extracted adapter is found. A matrix never gets a rank above
/// its smaller side.
///
/// A value out of range is [ErrorCode#USAGE].
public sealed interface RankRule {
    /// The share of the energy that a difference of numbers in single precision owes to rounding.
    double ROUNDING = 1e-13;

    /// The same rank everywhere.
    record Fixed(int rank) implements RankRule {
        public Fixed {
            requirePositive(rank);
        }
    }

    /// The smallest rank whose singular values hold a share of the energy, which is the squared
    /// Frobenius norm of the difference.
    ///
    /// @param share above 0, at most 1
    /// @param maxRank where the ranks end
    record Energy(double share, int maxRank) implements RankRule {
        public Energy {
            if (!(share > 0 && share <= 1)) {
                throw TailorException.of(
                                ErrorCode.USAGE,
                                "the energy must be above 0 and at most 1, not " + share)
                        .remedy("--energy 0.95 keeps 95 % of each difference's squared norm");
            }
            requirePositive(maxRank);
        }
    }

    /// The highest rank that can come out.
    default int most() {
        return switch (this) {
            case Fixed fixed -> fixed.rank();
            case Energy energy -> energy.maxRank();
        };
    }

    /// The rank for a matrix.
    ///
    /// @param energies its largest squared singular values, descending
    /// @param total its energy, of which these may be a part
    default int rank(double[] energies, double total) {
        int most = Math.min(most(), energies.length);
        return switch (this) {
            case Fixed fixed -> most;
            case Energy(double share, int maxRank) -> {
                double wanted = (share - ROUNDING) * total;
                double kept = energies[0];
                int rank = 1;
                while (rank < most && kept < wanted) {
                    kept += energies[rank];
                    rank++;
                }
                yield rank;
            }
        };
    }

    private static void requirePositive(int rank) {
        if (rank < 1) {
            throw TailorException.of(ErrorCode.USAGE, "the rank must be at least 1, not " + rank);
        }
    }
}
