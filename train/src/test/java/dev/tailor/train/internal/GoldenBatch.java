package dev.tailor.train.internal;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.train.internal.batch.Sequence;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads the padded batches of the golden files as sequences.
public final class GoldenBatch {
    private GoldenBatch() {}

    /// Rows of `ids` where `mask` is 1; a token is learnt where `learnt` says so.
    public static List<Sequence> read(
            Checkpoint file, String ids, String mask, String learnt, long ignored) {
        int columns = Math.toIntExact(file.info(ids).shape().get(1));
        long[] tokens = longs(file, ids);
        long[] present = longs(file, mask);
        long[] marks = longs(file, learnt);
        List<Sequence> sequences = new ArrayList<>();
        for (int row = 0; row < tokens.length; row += columns) {
            int[] kept = new int[columns];
            boolean[] trained = new boolean[columns];
            int length = 0;
            for (int i = row; i < row + columns; i++) {
                if (present[i] == 1) {
                    kept[length] = (int) tokens[i];
                    trained[length++] = marks[i] != ignored;
                }
            }
            sequences.add(
                    new Sequence(Arrays.copyOf(kept, length), Arrays.copyOf(trained, length)));
        }
        return sequences;
    }

    /// The same rows with the weights that `weights` gives to the tokens that are learnt.
    public static List<Sequence> weighted(Checkpoint file, Checkpoint weights) {
        int columns = Math.toIntExact(file.info("input_ids").shape().get(1));
        long[] present = longs(file, "attention_mask");
        float[] given = floats(weights, "weights");
        List<Sequence> sequences = new ArrayList<>();
        for (Sequence row : read(file, "input_ids", "attention_mask", "labels", -100)) {
            float[] own = row.weights().clone();
            int at = 0;
            for (int i = 0; i < columns; i++) {
                int place = sequences.size() * columns + i;
                if (present[place] == 1) {
                    own[at++] *= given[place];
                }
            }
            sequences.add(new Sequence(row.tokens(), own));
        }
        return sequences;
    }

    public static float[] floats(Checkpoint file, String name) {
        return Conversions.toFloats(file.info(name).dtype(), file.data(name));
    }

    private static long[] longs(Checkpoint file, String name) {
        return file.data(name).toArray(ValueLayout.JAVA_LONG_UNALIGNED);
    }
}
