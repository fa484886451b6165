package dev.tailor.text.internal.tokenizer;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// Words as sequences of ids, with the frequency of every pair of neighbours kept up to date while
/// pairs are merged. A merge touches only the words that hold the pair.
public final class PairMerger {
    private final int[][] words;
    private final long[] counts;
    private final Map<Long, Pair> pairs = new HashMap<>();
    // May hold a pair several times with frequencies of the past; the true one is compared when it
    // comes out.
    private final PriorityQueue<Candidate> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Candidate::count)
                            .reversed()
                            .thenComparingInt(candidate -> candidate.pair().left)
                            .thenComparingInt(candidate -> candidate.pair().right));

    private record Candidate(Pair pair, long count) {}

    /// Two neighbours, how often they occur, and the words where they may be found.
    public static final class Pair {
        private final int left;
        private final int right;
        private long count;
        private int[] words = new int[4];
        private int size;

        private Pair(int left, int right) {
            this.left = left;
            this.right = right;
        }

        /// The id on the left.
        public int left() {
            return left;
        }

        /// The id on the right.
        public int right() {
            return right;
        }

        /// How often the two are neighbours.
        public long count() {
            return count;
        }

        private void foundIn(int word) {
            if (size > 0 && words[size - 1] == word) {
                return;
            }
            if (size == words.length) {
                words = Arrays.copyOf(words, 2 * size);
            }
            words[size++] = word;
        }
    }

    /// @param words sequences of ids; changed by merging
    /// @param counts how often each word occurs
    public PairMerger(int[][] words, long[] counts) {
        this.words = words;
        this.counts = counts;
        for (int word = 0; word < words.length; word++) {
            for (int i = 1; i < words[word].length; i++) {
                Pair pair = pair(words[word][i - 1], words[word][i]);
                pair.count += counts[word];
                pair.foundIn(word);
            }
        }
        pairs.values().forEach(pair -> queue.add(new Candidate(pair, pair.count)));
    }

    /// The most frequent pair, of several the one with the lowest ids; `null` if none is left.
    public @Nullable Pair best() {
        for (Candidate top = queue.poll(); top != null; top = queue.poll()) {
            if (top.count == top.pair.count) {
                return top.pair;
            }
            if (top.pair.count > 0) {
                queue.add(new Candidate(top.pair, top.pair.count));
            }
        }
        return null;
    }

    /// Replaces the pair by `id` in all words, from left to right.
    public void merge(Pair pair, int id) {
        Set<Pair> created = new HashSet<>();
        int[] affected = Arrays.copyOf(pair.words, pair.size);
        for (int word : affected) {
            int[] old = words[word];
            int[] merged = merged(old, pair, id);
            if (merged.length == old.length) {
                continue;
            }
            for (int i = 1; i < old.length; i++) {
                pair(old[i - 1], old[i]).count -= counts[word];
            }
            for (int i = 1; i < merged.length; i++) {
                Pair neighbours = pair(merged[i - 1], merged[i]);
                neighbours.count += counts[word];
                if (merged[i - 1] == id || merged[i] == id) {
                    neighbours.foundIn(word);
                    created.add(neighbours);
                }
            }
            words[word] = merged;
        }
        pairs.remove(key(pair.left, pair.right));
        created.forEach(each -> queue.add(new Candidate(each, each.count)));
    }

    private static int[] merged(int[] word, Pair pair, int id) {
        int[] merged = new int[word.length];
        int length = 0;
        for (int i = 0; i < word.length; i++) {
            boolean found =
                    word[i] == pair.left && i + 1 < word.length && word[i + 1] == pair.right;
            merged[length++] = found ? id : word[i];
            i += found ? 1 : 0;
        }
        return length == word.length ? word : Arrays.copyOf(merged, length);
    }

    private Pair pair(int left, int right) {
        return pairs.computeIfAbsent(key(left, right), key -> new Pair(left, right));
    }

    private static long key(int left, int right) {
        return ((long) left << 32) | right;
    }
}
