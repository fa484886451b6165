package dev.tailor.torch;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;

import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Recorded tensors of `src/test/resources/golden` (see the README there).
final class Golden implements AutoCloseable {
    private final Checkpoint checkpoint;

    private Golden(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    static Path path(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(Golden.class.getResource("/golden/" + name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    static Golden open(String name) {
        return open(path(name));
    }

    static Golden open(Path file) {
        return new Golden(Checkpoint.open(file));
    }

    float[] floats(String name) {
        return Conversions.toFloats(checkpoint.info(name).dtype(), checkpoint.data(name));
    }

    int[] integers(String name) {
        long[] values = checkpoint.data(name).toArray(ValueLayout.JAVA_LONG_UNALIGNED);
        return java.util.Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    /// Rows of a matrix of integers.
    int[][] rows(String name) {
        int width = Math.toIntExact(checkpoint.info(name).shape().getLast());
        int[] flat = integers(name);
        int[][] rows = new int[flat.length / width][width];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(flat, r * width, rows[r], 0, width);
        }
        return rows;
    }

    List<String> names() {
        return checkpoint.names();
    }

    /// The rows of `ids` without the positions whose mask is 0.
    static List<int[]> unpadded(int[][] ids, int[][] mask) {
        List<int[]> sequences = new ArrayList<>();
        for (int r = 0; r < ids.length; r++) {
            int[] row = ids[r];
            int[] rowMask = mask[r];
            sequences.add(
                    java.util.stream.IntStream.range(0, row.length)
                            .filter(i -> rowMask[i] == 1)
                            .map(i -> row[i])
                            .toArray());
        }
        return sequences;
    }

    /// Sequences whose targets are the labels (-100 ignored) one position later.
    static PackedBatch labelled(int[][] ids, int[][] mask, int[][] labels) {
        List<int[]> sequences = unpadded(ids, mask);
        int total = sequences.stream().mapToInt(s -> s.length).sum();
        int[] tokens = new int[total];
        int[] targets = new int[total];
        int at = 0;
        for (int r = 0; r < ids.length; r++) {
            for (int i = 0; i < ids[r].length; i++) {
                if (mask[r][i] == 1) {
                    boolean last = i + 1 == ids[r].length || mask[r][i + 1] == 0;
                    tokens[at] = ids[r][i];
                    targets[at] = last ? -1 : Math.max(-1, labels[r][i + 1]);
                    at++;
                }
            }
        }
        return new PackedBatch(
                tokens, sequences.stream().mapToInt(s -> s.length).toArray(), targets);
    }

    /// The values of rows whose mask is 1 out of `[batch, length, width]`.
    static float[] unpadded(float[] values, int[][] mask) {
        int positions = mask.length * mask[0].length;
        int width = values.length / positions;
        List<Integer> kept = new ArrayList<>();
        for (int p = 0; p < positions; p++) {
            if (mask[p / mask[0].length][p % mask[0].length] == 1) {
                kept.add(p);
            }
        }
        float[] result = new float[kept.size() * width];
        for (int k = 0; k < kept.size(); k++) {
            System.arraycopy(values, kept.get(k) * width, result, k * width, width);
        }
        return result;
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
