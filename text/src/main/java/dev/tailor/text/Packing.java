package dev.tailor.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Sequences of different lengths laid into rows of one length, so that few positions stay empty.
///
/// @param rows the pieces of each row, in order
/// @param truncated sequences that lost their end
/// @param lostTokens tokens lost by that
/// @param split sequences that were cut into several pieces
/// @param empty sequences of no tokens, which are in no row
public record Packing(
        List<List<Piece>> rows, int truncated, long lostTokens, int split, int empty) {

    /// Tokens `[start, start + length)` of a sequence.
    public record Piece(int sequence, int start, int length) {}

    /// What becomes of a sequence longer than a row.
    public enum Overlong {
        /// Its end is dropped.
        TRUNCATE,
        /// It is cut into pieces as long as a row, and a last shorter one.
        SPLIT
    }

    /// Best-fit decreasing: longest first, each into the fullest row where it fits (of equally full
    /// ones, the one that has been that full for longest), else into a new row. Equal lengths keep
    /// their order.
    ///
    /// @param lengths tokens of each sequence
    /// @param capacity tokens of a row
    public static Packing bestFitDecreasing(int[] lengths, int capacity, Overlong overlong) {
        Pieces cut = Pieces.of(lengths, capacity, overlong);
        List<Piece> longestFirst = new ArrayList<>(cut.pieces);
        longestFirst.sort(Comparator.comparingInt(Piece::length).reversed());
        List<List<Piece>> rows = new ArrayList<>();
        TreeMap<Integer, Deque<List<Piece>>> rowsByFreeSpace = new TreeMap<>();
        for (Piece piece : longestFirst) {
            Map.Entry<Integer, Deque<List<Piece>>> tightest =
                    rowsByFreeSpace.ceilingEntry(piece.length());
            List<Piece> row;
            int free;
            if (tightest == null) {
                row = new ArrayList<>();
                rows.add(row);
                free = capacity;
            } else {
                row = tightest.getValue().removeFirst();
                free = tightest.getKey();
                if (tightest.getValue().isEmpty()) {
                    rowsByFreeSpace.remove(free);
                }
            }
            row.add(piece);
            if (free > piece.length()) {
                rowsByFreeSpace
                        .computeIfAbsent(free - piece.length(), space -> new ArrayDeque<>())
                        .addLast(row);
            }
        }
        return cut.packed(rows);
    }

    /// All sequences end to end, cut wherever a row is full; only the last row may be shorter.
    public static Packing wrapped(int[] lengths, int capacity) {
        checkCapacity(capacity);
        List<List<Piece>> rows = new ArrayList<>();
        int free = 0;
        int split = 0;
        int empty = 0;
        for (int sequence = 0; sequence < lengths.length; sequence++) {
            empty += lengths[sequence] == 0 ? 1 : 0;
            int pieces = 0;
            for (int start = 0; start < lengths[sequence]; pieces++) {
                if (free == 0) {
                    rows.add(new ArrayList<>());
                    free = capacity;
                }
                int length = Math.min(free, lengths[sequence] - start);
                rows.getLast().add(new Piece(sequence, start, length));
                start += length;
                free -= length;
            }
            split += pieces > 1 ? 1 : 0;
        }
        return new Packing(rows, 0, 0, split, empty);
    }

    /// Tokens in all rows.
    public long tokens() {
        return rows.stream().flatMap(List::stream).mapToLong(Piece::length).sum();
    }

    private static void checkCapacity(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("a row of " + capacity + " tokens");
        }
    }

    /// The sequences as pieces that fit into a row, and what that cost.
    private record Pieces(
            List<Piece> pieces, int truncated, long lostTokens, int split, int empty) {
        static Pieces of(int[] lengths, int capacity, Overlong overlong) {
            checkCapacity(capacity);
            List<Piece> pieces = new ArrayList<>(lengths.length);
            int truncated = 0;
            int split = 0;
            int empty = 0;
            long lost = 0;
            for (int sequence = 0; sequence < lengths.length; sequence++) {
                int length = lengths[sequence];
                if (length == 0) {
                    empty++;
                } else if (length <= capacity) {
                    pieces.add(new Piece(sequence, 0, length));
                } else if (overlong == Overlong.TRUNCATE) {
                    pieces.add(new Piece(sequence, 0, capacity));
                    truncated++;
                    lost += length - capacity;
                } else {
                    for (int start = 0; start < length; start += capacity) {
                        int tokens = Math.min(capacity, length - start);
                        pieces.add(new Piece(sequence, start, tokens));
                    }
                    split++;
                }
            }
            return new Pieces(pieces, truncated, lost, split, empty);
        }

        Packing packed(List<List<Piece>> rows) {
            return new Packing(rows, truncated, lostTokens, split, empty);
        }
    }
}
