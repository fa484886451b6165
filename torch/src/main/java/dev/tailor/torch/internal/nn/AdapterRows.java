package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which rows of the batch that is being computed belong to which of several adapters.
final class AdapterRows {
    private final Kept memory = new Kept();
    private final Map<List<Columns>, Tensor> masks = new HashMap<>();
    private List<Range> ranges = List.of();
    private int rows;

    /// Rows `from` to `to`, exclusive, of one adapter.
    record Range(int from, int to, int adapter) {}

    /// So many columns that belong to one adapter.
    record Columns(int adapter, int count) {}

    /// Pieces laid end to end are computed from now on; neighbours of one adapter go together.
    void assign(List<Piece> pieces) {
        clear();
        List<Range> found = new ArrayList<>();
        for (Piece piece : pieces) {
            int end = rows + piece.length();
            boolean goesOn =
                    !found.isEmpty()
                            && found.getLast().to() == rows
                            && found.getLast().adapter() == piece.adapter();
            if (goesOn) {
                found.add(new Range(found.removeLast().from(), end, piece.adapter()));
            } else if (piece.adapter() != 0) {
                found.add(new Range(rows, end, piece.adapter()));
            }
            rows = end;
        }
        ranges = List.copyOf(found);
    }

    /// All of so many rows belong to one adapter, or to none where its number is 0.
    void assign(int count, int adapter) {
        clear();
        rows = count;
        ranges = adapter == 0 ? List.of() : List.of(new Range(0, count, adapter));
    }

    /// What is computed from now on has no adapter.
    void clear() {
        memory.close();
        masks.clear();
        ranges = List.of();
        rows = 0;
    }

    List<Range> ranges() {
        return ranges;
    }

    /// `[rows, columns]` in float32: 1 where row and column belong to one adapter, else 0.
    Tensor mask(List<Columns> columns) {
        return masks.computeIfAbsent(columns, c -> memory.keep(made(c)));
    }

    private Tensor made(List<Columns> columns) {
        int width = columns.stream().mapToInt(Columns::count).sum();
        float[] mask = new float[rows * width];
        for (Range range : ranges) {
            int column = 0;
            for (Columns each : columns) {
                for (int row = range.from();
                        each.adapter() == range.adapter() && row < range.to();
                        row++) {
                    int at = row * width + column;
                    Arrays.fill(mask, at, at + each.count(), 1);
                }
                column += each.count();
            }
        }
        return Tensors.floats(mask, rows, width);
    }
}
