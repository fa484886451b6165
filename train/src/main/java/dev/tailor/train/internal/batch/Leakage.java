package dev.tailor.train.internal.batch;

import java.util.Arrays;

/// How much of held-out data stands in the training data as well: runs of 13 tokens, the length
/// that GPT-3's authors took (Brown et al. 2020, appendix C). Only learnt tokens count, so that a
/// system prompt that all conversations begin with is no finding. A sequence without such a run is
/// looked for as a whole.
///
/// @param leaked held-out sequences of which at least half of the runs are known
/// @param sequences all held-out sequences
public record Leakage(int leaked, int sequences) {
    private static final int RUN = 13;

    /// Compares two token files.
    public static Leakage of(TokenFile training, TokenFile heldOut) {
        Table runs = new Table();
        for (int i = 0; i < heldOut.sequences(); i++) {
            Arrays.stream(runs(heldOut.sequence(i))).forEach(runs::add);
        }
        for (int i = 0; i < training.sequences(); i++) {
            Arrays.stream(runs(training.sequence(i))).forEach(runs::mark);
        }
        int leaked = 0;
        for (int i = 0; i < heldOut.sequences(); i++) {
            long[] own = runs(heldOut.sequence(i));
            long known = Arrays.stream(own).filter(runs::isMarked).count();
            leaked += 2 * known >= own.length ? 1 : 0;
        }
        return new Leakage(leaked, heldOut.sequences());
    }

    /// A hash of every run of learnt tokens, or of the whole sequence.
    private static long[] runs(Sequence sequence) {
        int[] tokens = sequence.tokens();
        long[] hashes = new long[tokens.length];
        int count = 0;
        int learnt = 0;
        for (int i = 0; i < tokens.length; i++) {
            learnt = sequence.isTrained(i) ? learnt + 1 : 0;
            if (learnt >= RUN) {
                hashes[count++] = hash(tokens, i + 1 - RUN, i + 1);
            }
        }
        return count > 0
                ? Arrays.copyOf(hashes, count)
                : new long[] {hash(tokens, 0, tokens.length)};
    }

    private static long hash(int[] tokens, int from, int to) {
        long hash = to - from;
        for (int i = from; i < to; i++) {
            hash = (hash ^ tokens[i]) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        return hash == 0 ? 1 : hash;
    }

    /// A set of hashes, each of which can be marked; 0 is an empty place.
    private static final class Table {
        private long[] keys = new long[1 << 12];
        private boolean[] marks = new boolean[keys.length];
        private int size;

        void add(long key) {
            if (2 * size >= keys.length) {
                grow();
            }
            int place = place(key);
            size += keys[place] == 0 ? 1 : 0;
            keys[place] = key;
        }

        void mark(long key) {
            int place = place(key);
            marks[place] = keys[place] == key;
        }

        boolean isMarked(long key) {
            return marks[place(key)];
        }

        private void grow() {
            long[] old = keys;
            keys = new long[2 * old.length];
            marks = new boolean[keys.length];
            for (long key : old) {
                if (key != 0) {
                    keys[place(key)] = key;
                }
            }
        }

        /// Where the key is, or would be.
        private int place(long key) {
            int place = (int) (key >>> 7) & (keys.length - 1);
            while (keys[place] != 0 && keys[place] != key) {
                place = (place + 1) & (keys.length - 1);
            }
            return place;
        }
    }
}
