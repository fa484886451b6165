package dev.tailor.train.distillation;

import java.util.ArrayList;
import java.util.List;

/// Which hidden states of student and teacher are compared: 0 is what the embedding gives, `l` what
/// layer `l` gives, the last one normed.
public sealed interface HiddenPairs {
    /// A student's state and the teacher's that it should resemble.
    record Pair(int student, int teacher) {}

    /// The last states.
    record Last() implements HiddenPairs {}

    /// Every state of the student but the embedding's, with the teacher's at the same share of its
    /// depth.
    record All() implements HiddenPairs {}

    /// These.
    record Listed(List<Pair> pairs) implements HiddenPairs {
        public Listed {
            pairs = List.copyOf(pairs);
        }
    }

    /// The pairs of models of so many layers.
    default List<Pair> of(int studentLayers, int teacherLayers) {
        return switch (this) {
            case Last last -> List.of(new Pair(studentLayers, teacherLayers));
            case All all -> {
                List<Pair> pairs = new ArrayList<>();
                for (int l = 1; l <= studentLayers; l++) {
                    double share = (double) l * teacherLayers / studentLayers;
                    pairs.add(new Pair(l, Math.max(1, (int) Math.rint(share))));
                }
                yield pairs;
            }
            case Listed(List<Pair> pairs) -> pairs;
        };
    }
}
