package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

/// Nuslerp in steps that are each rounded, as mergekit's tensor operations are: lengths,
/// directions, their cosine, its angle, the sines, the combination.
///
/// @param factor0 of the first vector, by vector
/// @param factor1 of the second
/// @param divisor of their sum
record SteppedNuslerp(
        Work work,
        VectorLayout layout,
        boolean fromOrigin,
        float[] factor0,
        float[] factor1,
        float[] divisor)
        implements TileOperation {
    private static final double SMALLEST_SINE = 1e-8;

    static TileOperation prepare(Work whole, Operation.Nuslerp nuslerp) {
        VectorLayout layout = VectorLayout.of(whole.tiles(), nuslerp.vectors());
        Work work = layout.tiles(whole);
        boolean fromOrigin = nuslerp.fromOrigin();
        double[][] squares =
                layout.products(
                        whole,
                        2,
                        (first, n, scratch) -> {
                            float[][] x = vectors(work, fromOrigin, first, n, scratch);
                            return new float[][][] {{x[0], x[0]}, {x[1], x[1]}};
                        });
        Arithmetic scalars = work.arithmetic(work.scratches().getFirst(), 1);
        float[] length0 = lengths(squares[0], scalars);
        float[] length1 = lengths(squares[1], scalars);
        double[] cosines =
                layout.products(
                                whole,
                                1,
                                (first, n, scratch) -> {
                                    float[][] x = vectors(work, fromOrigin, first, n, scratch);
                                    Arithmetic steps = work.arithmetic(scratch, n);
                                    float[] each = scratch.input(work.tiles().inputs(), n);
                                    layout.spread(length0, first, each, n);
                                    steps.divide(x[0], each, n);
                                    layout.spread(length1, first, each, n);
                                    steps.divide(x[1], each, n);
                                    steps.multiply(x[0], x[1], n);
                                    return new float[][][] {{x[0]}};
                                })[0];
        float t = (float) Spherical.position(nuslerp.weights());
        float rest = (float) (1 - Spherical.position(nuslerp.weights()));
        float[] factor0 = new float[cosines.length];
        float[] factor1 = new float[cosines.length];
        float[] divisor = new float[cosines.length];
        for (int i = 0; i < cosines.length; i++) {
            float cosine = Math.clamp(scalars.round(cosines[i]), -1f, 1f);
            float angle = scalars.round(Math.acos(cosine));
            float sine = scalars.round(Math.sin(angle));
            boolean colinear = Math.abs(sine) < SMALLEST_SINE;
            factor0[i] = colinear ? rest : scalars.round(Math.sin(scalars.round(rest * angle)));
            factor1[i] = colinear ? t : scalars.round(Math.sin(scalars.round(t * angle)));
            divisor[i] = colinear ? 1 : sine;
        }
        return new SteppedNuslerp(work, layout, fromOrigin, factor0, factor1, divisor);
    }

    private static float[] lengths(double[] squares, Arithmetic scalars) {
        float[] lengths = new float[squares.length];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] =
                    Math.max(
                            scalars.round(Math.sqrt(squares[i])),
                            scalars.round(Spherical.SHORTEST));
        }
        return lengths;
    }

    /// The two vectors to combine, in the buffers of their inputs.
    private static float[][] vectors(
            Work work, boolean fromOrigin, long first, int n, Scratch scratch) {
        int from = fromOrigin ? 1 : 0;
        float[][] x = new float[2][];
        for (int k = 0; k < 2; k++) {
            x[k] = work.tiles().read(first, n, from + k, scratch);
        }
        if (fromOrigin) {
            float[] origin = work.tiles().read(first, n, 0, scratch);
            Arithmetic steps = work.arithmetic(scratch, n);
            steps.subtract(x[0], origin, n);
            steps.subtract(x[1], origin, n);
        }
        return x;
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        long first = work.tiles().first(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[][] x = vectors(work, fromOrigin, first, n, scratch);
        float[] out = scratch.output(n);
        layout.spread(factor0, first, out, n);
        steps.multiply(x[0], out, n);
        layout.spread(factor1, first, out, n);
        steps.multiply(x[1], out, n);
        steps.add(x[0], x[1], n);
        layout.spread(divisor, first, out, n);
        steps.divide(x[1], out, n);
        if (fromOrigin) {
            steps.add(scratch.input(0, n), x[1], n);
        }
        System.arraycopy(x[1], 0, out, 0, n);
    }
}
