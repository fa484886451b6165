package dev.tailor.train.distillation;

import java.util.Arrays;

/// The likeliest next tokens at the positions of a sequence that are learnt, in their order, as a
/// teacher sees them. Row by row; in each row the likeliest first, equal ones by their number.
///
/// @param top tokens of a row
/// @param ids `positions × top`
/// @param logProbs their log-probabilities at temperature 1
/// @param logRest for each position `log sum p_j^(1/T)` over all other tokens, T being the store's
///   temperature; negative infinity where there are none
public record TopTokens(int top, int[] ids, float[] logProbs, float[] logRest) {
    /// Checks that the arrays belong together.
    public TopTokens {
        if (ids.length != logProbs.length || ids.length != logRest.length * top) {
            throw new IllegalArgumentException("rows of different sizes");
        }
    }

    /// The number of positions.
    public int positions() {
        return logRest.length;
    }

    /// The distribution at one position.
    ///
    /// @param temperature the store's
    public TeacherDistribution at(int position, MissingMass missing, double temperature) {
        int from = position * top;
        return TeacherDistribution.top(
                Arrays.copyOfRange(ids, from, from + top),
                Arrays.copyOfRange(logProbs, from, from + top),
                logRest[position],
                missing,
                temperature);
    }
}
