package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.tile.Scratch;

/// A linear combination of the inputs whose coefficients follow from the inputs' inner products:
/// one pass for these, one for the combination.
final class Combination {
    private Combination() {}

    /// Finds the coefficients, of the first input and of the differences of the others to it.
    @FunctionalInterface
    interface Rule {
        double[] coefficients(Gram gram);
    }

    static TileOperation prepare(Work work, Operation.Vectors vectors, Rule rule) {
        VectorLayout layout = VectorLayout.of(work.tiles(), vectors);
        return switch (layout.kind()) {
            case TENSOR -> ofTensor(work, rule);
            case ROWS -> ofRows(layout.tiles(work), layout.length(), rule);
            case COLUMNS -> ofColumns(work, layout, rule);
        };
    }

    /// The inner products of the whole inputs.
    static Gram gram(Work work) {
        int inputs = work.tiles().inputs();
        return new Gram(
                inputs,
                work.sum(
                        Gram.products(inputs),
                        (tile, scratch) ->
                                work.kernels()
                                        .gram(
                                                work.tiles().loadFrom(0, tile, scratch),
                                                0,
                                                work.tiles().size(tile))));
    }

    private static TileOperation ofTensor(Work work, Rule rule) {
        float[] c = floats(rule.coefficients(gram(work)));
        return TileOperation.of(
                work,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    float[][] x = work.tiles().loadFrom(0, tile, scratch);
                    work.kernels().combination(x, c, scratch.output(n), 0, n);
                });
    }

    /// A row stays in the cache between both passes.
    private static TileOperation ofRows(Work work, int length, Rule rule) {
        int inputs = work.tiles().inputs();
        return TileOperation.of(
                work,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    float[][] x = work.tiles().loadFrom(0, tile, scratch);
                    float[] out = scratch.output(n);
                    for (int row = 0; row < n; row += length) {
                        double[] products = work.kernels().gram(x, row, row + length);
                        float[] c = floats(rule.coefficients(new Gram(inputs, products)));
                        work.kernels().combination(x, c, out, row, row + length);
                    }
                });
    }

    private static TileOperation ofColumns(Work work, VectorLayout layout, Rule rule) {
        int inputs = work.tiles().inputs();
        double[][] products =
                layout.products(
                        work,
                        Gram.products(inputs),
                        (first, n, scratch) -> pairs(work, first, n, scratch));
        float[][] c = new float[inputs][layout.count()];
        double[] ofOne = new double[products.length];
        for (int column = 0; column < layout.count(); column++) {
            for (int p = 0; p < ofOne.length; p++) {
                ofOne[p] = products[p][column];
            }
            double[] coefficients = rule.coefficients(new Gram(inputs, ofOne));
            for (int k = 0; k < inputs; k++) {
                c[k][column] = (float) coefficients[k];
            }
        }
        return TileOperation.of(work, (tile, scratch) -> combine(work, tile, c, scratch));
    }

    /// The first input and the differences to it, each with each.
    private static float[][][] pairs(Work work, long first, int n, Scratch scratch) {
        int inputs = work.tiles().inputs();
        float[][] x = new float[inputs][];
        for (int k = 0; k < inputs; k++) {
            x[k] = work.tiles().read(first, n, k, scratch);
            if (k > 0) {
                work.kernels().subtract(x[k], x[0], n);
            }
        }
        float[][][] pairs = new float[Gram.products(inputs)][][];
        int next = 0;
        for (int i = 0; i < inputs; i++) {
            for (int j = i; j < inputs; j++) {
                pairs[next++] = new float[][] {x[i], x[j]};
            }
        }
        return pairs;
    }

    /// The combination with coefficients by column.
    private static void combine(Work work, int tile, float[][] c, Scratch scratch) {
        int n = work.tiles().size(tile);
        float[][] x = work.tiles().loadFrom(0, tile, scratch);
        float[] out = scratch.output(n);
        int columns = c[0].length;
        int column = (int) (work.tiles().first(tile) % columns);
        for (int at = 0; at < n; ) {
            int some = Math.min(n - at, columns - column);
            for (int i = 0; i < some; i++) {
                out[at + i] = c[0][column + i] * x[0][at + i];
            }
            for (int k = 1; k < x.length; k++) {
                addDifference(x[k], x[0], at, c[k], column, out, some);
            }
            at += some;
            column = 0;
        }
    }

    private static void addDifference(
            float[] x, float[] x0, int at, float[] c, int column, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[at + i] += c[column + i] * (x[at + i] - x0[at + i]);
        }
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
