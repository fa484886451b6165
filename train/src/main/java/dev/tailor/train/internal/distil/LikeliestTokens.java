package dev.tailor.train.internal.distil;

import dev.tailor.torch.TokenProbabilities;

/// Finds the likeliest tokens of a row of logits: a heap with the least likely of those found so
/// far on top. Equal ones count by their number, the lower first. Not for use by several threads.
final class LikeliestTokens {
    private final int[] heap;
    private int size;

    LikeliestTokens(int top) {
        heap = new int[top];
    }

    /// Writes the likeliest of the first `count` tokens into a row of `ids` and `logProbs`, and
    /// returns the rest's mass.
    float of(float[] logits, int count, double temperature, Row row) {
        size = 0;
        for (int i = 0; i < count; i++) {
            offer(logits, i);
        }
        float[] q = new float[count];
        float norm = TokenProbabilities.of(logits, count, 1, q);
        for (int i = heap.length - 1; i >= 0; i--) {
            int id = take(logits);
            row.ids()[row.at() + i] = id;
            row.logProbs()[row.at() + i] = Math.min(0, logits[id] - norm);
        }
        float atTemperature = TokenProbabilities.of(logits, count, temperature, q);
        for (int i = 0; i < heap.length; i++) {
            q[row.ids()[row.at() + i]] = 0;
        }
        double others = 0;
        for (float other : q) {
            others += other;
        }
        return (float) (Math.log(others) + atTemperature - norm / temperature);
    }

    /// Where a row is written.
    record Row(int[] ids, float[] logProbs, int at) {}

    private void offer(float[] logits, int id) {
        if (size < heap.length) {
            heap[size++] = id;
            up(logits, size - 1);
        } else if (less(logits, heap[0], id)) {
            heap[0] = id;
            down(logits);
        }
    }

    /// Whether a is less likely than b.
    private static boolean less(float[] logits, int a, int b) {
        return logits[a] < logits[b] || logits[a] == logits[b] && a > b;
    }

    private int take(float[] logits) {
        int least = heap[0];
        heap[0] = heap[--size];
        down(logits);
        return least;
    }

    private void up(float[] logits, int from) {
        int at = from;
        while (at > 0 && less(logits, heap[at], heap[(at - 1) / 2])) {
            swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    private void down(float[] logits) {
        int at = 0;
        while (true) {
            int least = at;
            for (int child = 2 * at + 1; child <= 2 * at + 2 && child < size; child++) {
                if (less(logits, heap[child], heap[least])) {
                    least = child;
                }
            }
            if (least == at) {
                return;
            }
            swap(at, least);
            at = least;
        }
    }

    private void swap(int a, int b) {
        int kept = heap[a];
        heap[a] = heap[b];
        heap[b] = kept;
    }
}
