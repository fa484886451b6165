package dev.tailor.merge.internal.explain;

import dev.tailor.merge.MergePlan;
import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.merge.internal.kernel.Rounding;
import dev.tailor.merge.internal.method.Tally;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;
import dev.tailor.tensors.Converter;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// Measures one tensor while it is merged, tile by tile on any thread. Sums are in double precision
/// and are added in the order of the tiles; the differences themselves are taken in single
/// precision.
public final class TensorMeasure implements Tally {
    // Of each tile: what belongs to the whole, then what belongs to each model.
    private static final int REFERENCE = 0;
    private static final int CHANGE = 1;
    private static final int PRODUCT = 2;
    private static final int SHARED = 3;
    private static final int CONFLICTS = 4;
    private static final int WHOLE = 5;

    private static final int DIFFERENCE = 0;
    private static final int DIFFERENCE_PRODUCT = 1;
    private static final int PULL = 2;
    private static final int CHANGED = 3;
    private static final int LEFT = 4;
    private static final int LEFT_DIFFERENCE = 5;
    private static final int PART = 6;

    private final MergePlan.Tensor tensor;
    private final MergeKernels kernels;
    private final Converter converter;
    private final Reference reference;
    private final int models;
    private final NavigableMap<Integer, double[]> tiles = new ConcurrentSkipListMap<>();

    TensorMeasure(MergePlan.Tensor tensor, MergeKernels kernels, Converter converter) {
        this.tensor = tensor;
        this.kernels = kernels;
        this.converter = converter;
        this.reference = Reference.of(tensor.operation());
        this.models = models(tensor);
    }

    @Override
    public void thinned(int model, int tile, float[] d, int n) {
        double[] sums = sums(tile);
        int at = WHOLE + model * PART;
        sums[at + LEFT] = kernels.countAbove(d, 0, n);
        sums[at + LEFT_DIFFERENCE] = kernels.dot(d, d, n);
    }

    /// A tile belongs to one thread at a time.
    private double[] sums(int tile) {
        return tiles.computeIfAbsent(
                tile,
                key -> {
                    double[] sums = new double[WHOLE + models * PART];
                    Arrays.fill(sums, Double.NaN);
                    return sums;
                });
    }

    /// Measures a tile after it is made; overwrites the thread's buffers.
    ///
    /// @param written the tile as it is written
    public void tile(TensorTiles pieces, int tile, MemorySegment written, Scratch scratch) {
        int n = pieces.size(tile);
        float[] change = scratch.output(n);
        converter.toFloat(tensor.output().dtype(), written, 0, change, 0, n);
        TensorTiles stored =
                new TensorTiles(
                        tensor,
                        pieces.sources(),
                        new Rounding(Optional.empty(), converter),
                        pieces.watch(),
                        pieces.tileElements());
        float[][] x = new float[stored.inputs()][];
        for (int k = 0; k < x.length; k++) {
            x[k] = stored.read(pieces.first(tile), n, k, scratch);
        }
        float[] r = reference == Reference.MEAN ? mean(x, scratch, n) : x[0];
        float[][] d = Arrays.copyOfRange(x, reference.firstModel(), x.length);
        kernels.subtract(change, r, n);
        double[] sums = sums(tile);
        sums[REFERENCE] = kernels.dot(r, r, n);
        sums[CHANGE] = kernels.dot(change, change, n);
        sums[PRODUCT] = kernels.dot(r, change, n);
        for (int k = 0; k < d.length; k++) {
            kernels.subtract(d[k], r, n);
            int at = WHOLE + k * PART;
            sums[at + DIFFERENCE] = kernels.dot(d[k], d[k], n);
            sums[at + DIFFERENCE_PRODUCT] = kernels.dot(r, d[k], n);
            sums[at + PULL] = kernels.dot(change, d[k], n);
            sums[at + CHANGED] = kernels.countAbove(d[k], 0, n);
        }
        if (reference == Reference.BASE) {
            sums[SHARED] = kernels.countShared(d, n);
            sums[CONFLICTS] = kernels.countConflicts(d, n);
        }
    }

    private float[] mean(float[][] x, Scratch scratch, int n) {
        float[] mean = scratch.input(x.length, n);
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1);
        kernels.weightedSum(x, ones, mean, n);
        kernels.divide(mean, x.length, n);
        return mean;
    }

    /// The sums over all tiles, when every tile is measured: what [#summary] can be made of, at any
    /// time.
    public List<Double> sums() {
        double[] sums = new double[WHOLE + models * PART];
        for (double[] tile : tiles.values()) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += tile[i];
            }
        }
        return DoubleStream.of(sums).boxed().toList();
    }

    private static int models(MergePlan.Tensor tensor) {
        return tensor.inputs().size() - Reference.of(tensor.operation()).firstModel();
    }

    /// What [#sums] of a tensor mean.
    static Summary summary(MergePlan.Tensor tensor, List<Double> sums) {
        Reference reference = Reference.of(tensor.operation());
        SortedMap<Participant, Part> parts = new TreeMap<>();
        for (int k = 0; k < models(tensor); k++) {
            parts.put(participant(tensor, reference, k), part(tensor, sums, k));
        }
        return new Summary(
                new Whole(
                        sums.get(REFERENCE),
                        sums.get(CHANGE),
                        sums.get(PRODUCT),
                        sums.get(SHARED),
                        sums.get(CONFLICTS)),
                parts);
    }

    private static Part part(MergePlan.Tensor tensor, List<Double> sums, int k) {
        int at = WHOLE + k * PART;
        boolean isThinned = isThinned(tensor.operation(), k);
        // A method that thins, but has nothing to drop of any model, does not go the way of
        // thinning.
        boolean dropsNothing = isThinned && Double.isNaN(sums.get(at + LEFT));
        return new Part(
                sums.get(REFERENCE),
                sums.get(CHANGE),
                sums.get(at + DIFFERENCE),
                sums.get(at + DIFFERENCE_PRODUCT),
                sums.get(at + PULL),
                sums.get(at + CHANGED),
                !isThinned ? Double.NaN : sums.get(at + (dropsNothing ? CHANGED : LEFT)),
                !isThinned
                        ? Double.NaN
                        : sums.get(at + (dropsNothing ? DIFFERENCE : LEFT_DIFFERENCE)));
    }

    private static boolean isThinned(Operation operation, int k) {
        return switch (operation) {
            case Operation.TaskVectors vectors ->
                    !(vectors.thinning().get(k) instanceof Operation.Thinning.Nothing);
            case Operation.Sce sce -> true;
            default -> false;
        };
    }

    /// The model whose difference is number `k`.
    static Participant participant(MergePlan.Tensor tensor, Reference reference, int k) {
        int first = reference.firstModel();
        int model = tensor.inputs().get(first + k).model();
        long before =
                IntStream.range(first, first + k)
                        .filter(other -> tensor.inputs().get(other).model() == model)
                        .count();
        return new Participant(model, (int) before);
    }
}
