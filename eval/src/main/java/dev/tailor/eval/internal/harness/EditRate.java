package dev.tailor.eval.internal.harness;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Translation edit rate (Snover et al. 2006): insertions, deletions, substitutions and shifts of
/// words that make a reference of an answer, over the reference's words. Shifts are found greedily,
/// the one that saves most first, within the bounds of the metric's own program; letters' case does
/// not count.
final class EditRate {
    private static final int LONGEST_SHIFT = 10;
    private static final int FARTHEST_SHIFT = 50;
    private static final int MOST_CANDIDATES = 1000;
    private static final int BEAM = 25;
    private static final int UNREACHED = 1_000_000_000;

    private final List<String> reference;
    private int candidates;

    private EditRate(List<String> reference) {
        this.reference = reference;
    }

    /// Edits, and the references' mean length.
    static double[] statistics(String answer, List<String> references) {
        List<String> words = words(answer);
        int fewest = Integer.MAX_VALUE;
        double lengths = 0;
        for (String text : references) {
            List<String> own = words(text);
            fewest = Math.min(fewest, new EditRate(own).edits(words));
            lengths += own.size();
        }
        return new double[] {fewest, lengths / references.size()};
    }

    static double score(double[] sums) {
        if (sums[1] > 0) {
            return 100 * sums[0] / sums[1];
        }
        return sums[0] > 0 ? 100 : 0;
    }

    private static List<String> words(String text) {
        return Bleu.words(text.toLowerCase(Locale.ROOT));
    }

    private int edits(List<String> answer) {
        if (reference.isEmpty()) {
            return answer.size();
        }
        String[] words = answer.toArray(String[]::new);
        int shifts = 0;
        while (true) {
            Optional<Shift> shift = bestShift(words);
            if (candidates >= MOST_CANDIDATES || shift.isEmpty() || shift.get().saved() <= 0) {
                return shifts + new Path(words).edits();
            }
            shifts++;
            words = shift.get().words();
        }
    }

    /// Words moved to another place, and how many edits that saves.
    private record Shift(int saved, int length, int start, int target, String[] words) {
        /// The one that saves more; then the longer, the one from further ahead, to further ahead.
        boolean isBetterThan(Shift other) {
            if (saved != other.saved) {
                return saved > other.saved;
            }
            if (length != other.length) {
                return length > other.length;
            }
            return start != other.start ? start < other.start : target < other.target;
        }
    }

    private Optional<Shift> bestShift(String[] words) {
        Path path = new Path(words);
        Alignment alignment = path.alignment();
        Optional<Shift> best = Optional.empty();
        for (int start = 0; start < words.length; start++) {
            for (int at = Math.max(0, start - FARTHEST_SHIFT);
                    at < reference.size() && at - start <= FARTHEST_SHIFT;
                    at++) {
                int longest = common(words, start, at);
                for (int length = 1; length <= longest; length++) {
                    if (alignment.isWorthMoving(start, at, length)) {
                        best = moved(words, path.edits(), alignment, start, at, length, best);
                    }
                    if (candidates >= MOST_CANDIDATES) {
                        return best;
                    }
                }
            }
        }
        return best;
    }

    /// How many words are the same from two places on.
    private int common(String[] words, int start, int at) {
        int length = 0;
        while (length < LONGEST_SHIFT
                && start + length < words.length
                && at + length < reference.size()
                && words[start + length].equals(reference.get(at + length))) {
            length++;
        }
        return length;
    }

    private Optional<Shift> moved(
            String[] words,
            int edits,
            Alignment alignment,
            int start,
            int at,
            int length,
            Optional<Shift> best) {
        Optional<Shift> found = best;
        int before = -1;
        for (int offset = -1; offset < length; offset++) {
            int place = at + offset;
            if (place >= reference.size()) {
                break;
            }
            int target = place < 0 ? 0 : alignment.places()[place] + 1;
            if (target == before) {
                continue;
            }
            before = target;
            String[] shifted = shifted(words, start, length, target);
            Shift shift =
                    new Shift(edits - new Path(shifted).edits(), length, start, target, shifted);
            candidates++;
            if (found.isEmpty() || shift.isBetterThan(found.get())) {
                found = Optional.of(shift);
            }
        }
        return found;
    }

    private static String[] shifted(String[] words, int start, int length, int target) {
        String[] result = new String[words.length];
        int end = start + length;
        int to = 0;
        if (target < start) {
            to = copy(words, 0, target, result, to);
            to = copy(words, start, end, result, to);
            to = copy(words, target, start, result, to);
            copy(words, end, words.length, result, to);
        } else if (target > end) {
            to = copy(words, 0, start, result, to);
            to = copy(words, end, target, result, to);
            to = copy(words, start, end, result, to);
            copy(words, target, words.length, result, to);
        } else {
            // Within itself: as many words from behind come before.
            int behind = Math.min(words.length, length + target);
            to = copy(words, 0, start, result, to);
            to = copy(words, end, behind, result, to);
            to = copy(words, start, end, result, to);
            copy(words, behind, words.length, result, to);
        }
        return result;
    }

    private static int copy(String[] words, int from, int end, String[] result, int to) {
        int count = Math.max(0, end - from);
        System.arraycopy(words, from, result, to, count);
        return to + count;
    }

    /// Where words of the reference lie in the answer, and which words of both are wrong.
    private record Alignment(int[] places, boolean[] answerWrong, boolean[] referenceWrong) {
        boolean isWorthMoving(int start, int at, int length) {
            return anyWrong(answerWrong, start, length)
                    && anyWrong(referenceWrong, at, length)
                    && (places[at] < start || places[at] >= start + length);
        }

        private static boolean anyWrong(boolean[] wrong, int from, int length) {
            for (int i = from; i < from + length; i++) {
                if (wrong[i]) {
                    return true;
                }
            }
            return false;
        }
    }

    /// What a step of an edit path does to the answer.
    private enum Edit {
        KEEP,
        SUBSTITUTE,
        DELETE,
        INSERT
    }

    /// The fewest insertions, deletions and substitutions, looked for near the diagonal.
    private final class Path {
        private final String[] words;
        private final int[][] costs;
        private final Edit[][] edits;

        Path(String[] words) {
            this.words = words;
            int columns = reference.size() + 1;
            costs = new int[words.length + 1][columns];
            edits = new Edit[words.length + 1][columns];
            for (int[] row : costs) {
                Arrays.fill(row, UNREACHED);
            }
            for (int j = 0; j < columns; j++) {
                costs[0][j] = j;
                edits[0][j] = Edit.INSERT;
            }
            double slope = words.length == 0 ? 1 : (double) reference.size() / words.length;
            int beam = BEAM < slope / 2 ? (int) Math.ceil(slope / 2 + BEAM) : BEAM;
            for (int i = 1; i <= words.length; i++) {
                int diagonal = (int) Math.floor(i * slope);
                int end = i == words.length ? columns : Math.min(columns, diagonal + beam);
                for (int j = Math.max(0, diagonal - beam); j < end; j++) {
                    fill(i, j);
                }
            }
        }

        private void fill(int i, int j) {
            if (j == 0) {
                offer(i, j, costs[i - 1][0] + 1, Edit.DELETE);
                return;
            }
            boolean same = words[i - 1].equals(reference.get(j - 1));
            offer(i, j, costs[i - 1][j - 1] + (same ? 0 : 1), same ? Edit.KEEP : Edit.SUBSTITUTE);
            offer(i, j, costs[i - 1][j] + 1, Edit.DELETE);
            offer(i, j, costs[i][j - 1] + 1, Edit.INSERT);
        }

        private void offer(int i, int j, int cost, Edit edit) {
            if (cost < costs[i][j]) {
                costs[i][j] = cost;
                edits[i][j] = edit;
            }
        }

        int edits() {
            return costs[words.length][reference.size()];
        }

        Alignment alignment() {
            int[] places = new int[reference.size()];
            boolean[] answerWrong = new boolean[words.length];
            boolean[] referenceWrong = new boolean[reference.size()];
            int i = words.length;
            int j = reference.size();
            while (i > 0 || j > 0) {
                switch (edits[i][j]) {
                    case KEEP -> places[--j] = --i;
                    case SUBSTITUTE -> {
                        places[--j] = --i;
                        answerWrong[i] = true;
                        referenceWrong[j] = true;
                    }
                    case DELETE -> answerWrong[--i] = true;
                    case INSERT -> {
                        places[--j] = i - 1;
                        referenceWrong[j] = true;
                    }
                }
            }
            return new Alignment(places, answerWrong, referenceWrong);
        }
    }
}
