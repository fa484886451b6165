package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

/// How the vectors that are turned as one lie in a tensor. A tensor of one dimension is one vector.
///
/// @param length elements of a row, where the vectors are rows; else how many vectors there are
record VectorLayout(Operation.Vectors kind, long elements, int length) {
    /// Columns that are summed by one thread at once: a row's share of them is worth a read.
    private static final int STRIP = 1024;

    static VectorLayout of(TensorTiles tiles, Operation.Vectors kind) {
        int dimensions = tiles.tensor().output().shape().size();
        long elements = tiles.elements();
        if (dimensions < 2 || elements == 0 || kind == Operation.Vectors.TENSOR) {
            return new VectorLayout(Operation.Vectors.TENSOR, elements, 1);
        }
        long length =
                kind == Operation.Vectors.ROWS
                        ? tiles.rowLength()
                        : elements / tiles.tensor().output().shape().getFirst();
        return new VectorLayout(kind, elements, Math.toIntExact(length));
    }

    /// How many vectors there are.
    int count() {
        return kind == Operation.Vectors.ROWS ? Math.toIntExact(elements / length) : length;
    }

    /// Work in tiles that suit the vectors: rows are not cut.
    Work tiles(Work work) {
        return kind == Operation.Vectors.ROWS ? work.ofWholeRows() : work;
    }

    /// Gives every element the number of its vector.
    void spread(float[] numbers, long first, float[] into, int n) {
        for (int i = 0; i < n; i++) {
            into[i] =
                    switch (kind) {
                        case TENSOR -> numbers[0];
                        case ROWS -> numbers[(int) ((first + i) / length)];
                        case COLUMNS -> numbers[(int) ((first + i) % length)];
                    };
        }
    }

    /// Makes the pairs of series whose products are summed up, for `n` elements from `first` on;
    /// where there is one series instead of two, it is summed up itself.
    @FunctionalInterface
    interface Pairs {
        float[][][] of(long first, int n, Scratch scratch);
    }

    /// The inner products of pairs of series, by pair and vector. The order of the elements decides
    /// the order of summation, not the threads.
    double[][] products(Work whole, int pairs, Pairs series) {
        return switch (kind) {
            case TENSOR -> ofTensor(whole, pairs, series);
            case ROWS -> ofRows(tiles(whole), pairs, series);
            case COLUMNS -> ofColumns(whole, pairs, series);
        };
    }

    private static double[][] ofTensor(Work work, int pairs, Pairs series) {
        StepSums steps = StepSums.of(work);
        double[] sums =
                work.sum(
                        pairs,
                        (tile, scratch) -> {
                            int n = work.tiles().size(tile);
                            float[][][] xy = series.of(work.tiles().first(tile), n, scratch);
                            double[] products = new double[pairs];
                            for (int p = 0; p < pairs; p++) {
                                products[p] = product(steps, xy[p], 0, n);
                            }
                            return products;
                        });
        double[][] byPair = new double[pairs][1];
        for (int p = 0; p < pairs; p++) {
            byPair[p][0] = sums[p];
        }
        return byPair;
    }

    private static double product(StepSums steps, float[][] xy, int from, int n) {
        if (xy.length == 1) {
            return steps.sum(xy[0], from, n);
        }
        if (xy[0] == xy[1]) {
            return steps.squares(xy[0], from, n);
        }
        double sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += (double) xy[0][i] * xy[1][i];
        }
        return sum;
    }

    private double[][] ofRows(Work work, int pairs, Pairs series) {
        double[][] sums = new double[pairs][count()];
        StepSums steps = StepSums.of(work);
        work.forEachTile((tile, scratch) -> {
            long first = work.tiles().first(tile);
            int n = work.tiles().size(tile);
            float[][][] xy = series.of(first, n, scratch);
            for (int p = 0; p < pairs; p++) {
                for (int at = 0; at < n; at += length) {
                    sums[p][(int) ((first + at) / length)] = product(steps, xy[p], at, length);
                }
            }
        });
        return sums;
    }

    /// Strip by strip of neighbouring columns: memory holds what is known of each column, whatever
    /// the number of threads.
    private double[][] ofColumns(Work work, int pairs, Pairs series) {
        long rows = elements / length;
        int width = Math.min(length, STRIP);
        int rowsAtOnce = width < length ? 1 : Math.max(1, Scratch.TILE / length);
        double[][] sums = new double[pairs][length];
        work.workers()
                .run(
                        Math.ceilDiv(length, width),
                        (worker, strip) -> {
                            int left = strip * width;
                            int columns = Math.min(width, length - left);
                            for (long row = 0; row < rows; row += rowsAtOnce) {
                                int n = (int) Math.min(rowsAtOnce, rows - row) * columns;
                                float[][][] xy =
                                        series.of(
                                                row * length + left,
                                                n,
                                                work.scratches().get(worker));
                                for (int p = 0; p < pairs; p++) {
                                    for (int at = 0; at < n; at += columns) {
                                        addProducts(xy[p], at, sums[p], left, columns);
                                    }
                                }
                            }
                        });
        return sums;
    }

    private static void addProducts(float[][] xy, int at, double[] sums, int left, int columns) {
        float[] x = xy[0];
        for (int i = 0; i < columns; i++) {
            sums[left + i] += xy.length == 1 ? x[at + i] : (double) x[at + i] * xy[1][at + i];
        }
    }
}
