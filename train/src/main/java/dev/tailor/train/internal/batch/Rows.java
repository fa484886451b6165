package dev.tailor.train.internal.batch;

import dev.tailor.text.Packing;

import java.util.ArrayList;
import java.util.List;

/// Which sequences share a row.
final class Rows {
    private Rows() {}

    /// Rows of `perSample` consecutive sequences each.
    static List<int[]> single(int sequences, int perSample) {
        List<int[]> rows = new ArrayList<>(sequences / perSample);
        for (int first = 0; first < sequences; first += perSample) {
            int[] row = new int[perSample];
            for (int i = 0; i < perSample; i++) {
                row[i] = first + i;
            }
            rows.add(row);
        }
        return rows;
    }

    /// Rows of at most `positions` positions, filled as well as best fit does.
    static List<int[]> packed(TokenFile tokens, int positions) {
        int[] lengths = new int[tokens.sequences()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = tokens.length(i) - 1;
        }
        return Packing.bestFitDecreasing(lengths, positions, Packing.Overlong.TRUNCATE)
                .rows()
                .stream()
                .map(row -> row.stream().mapToInt(Packing.Piece::sequence).toArray())
                .toList();
    }
}
