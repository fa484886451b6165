package dev.tailor.torch.internal.nn;

import java.util.ArrayList;
import java.util.List;

/// Which rows of the batch that is being computed belong to which of several adapters.
final class AdapterRows {
    private List<Range> ranges = List.of();

    /// Rows `from` to `to`, exclusive, of one adapter.
    record Range(int from, int to, int adapter) {}

    /// Pieces laid end to end are computed from now on; neighbours of one adapter go together.
    void assign(List<Piece> pieces) {
        List<Range> found = new ArrayList<>();
        int start = 0;
        for (Piece piece : pieces) {
            int end = start + piece.length();
            boolean goesOn =
                    !found.isEmpty()
                            && found.getLast().to() == start
                            && found.getLast().adapter() == piece.adapter();
            if (goesOn) {
                found.add(new Range(found.removeLast().from(), end, piece.adapter()));
            } else if (piece.adapter() != 0) {
                found.add(new Range(start, end, piece.adapter()));
            }
            start = end;
        }
        ranges = List.copyOf(found);
    }

    /// All of so many rows belong to one adapter, or to none where its number is 0.
    void assign(int rows, int adapter) {
        ranges = adapter == 0 ? List.of() : List.of(new Range(0, rows, adapter));
    }

    /// What is computed from now on has no adapter.
    void clear() {
        ranges = List.of();
    }

    List<Range> ranges() {
        return ranges;
    }
}
