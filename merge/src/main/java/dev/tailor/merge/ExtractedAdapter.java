package dev.tailor.merge;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// What came of an extraction.
///
/// @param modules the adapted modules, in the base model's order
/// @param saved tensors that the adapter holds whole
/// @param leftOut tensors that changed and are not in the adapter
/// @param notes what a user should know
public record ExtractedAdapter(
        Path output,
        List<AdaptedModule> modules,
        List<String> saved,
        List<String> leftOut,
        List<String> notes) {

    /// How near the factors of one module come to its difference.
    ///
    /// @param keptEnergy the share of the difference's squared Frobenius norm that they hold
    /// @param largestSingularValue of the difference
    /// @param exact whether the decomposition is exact; otherwise randomised
    public record AdaptedModule(
            String name, int rank, double keptEnergy, double largestSingularValue, boolean exact) {
        /// The Frobenius norm of what is left out, as a share of the difference's.
        public double relativeError() {
            return Math.sqrt(Math.max(0, 1 - keptEnergy));
        }
    }

    /// The highest rank.
    public int rank() {
        return modules.stream().mapToInt(AdaptedModule::rank).max().orElse(0);
    }

    /// The modules of which most is left out, worst first.
    public List<AdaptedModule> worst(int count) {
        return modules.stream()
                .sorted(Comparator.comparingDouble(AdaptedModule::keptEnergy))
                .limit(count)
                .toList();
    }
}
