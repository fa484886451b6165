package dev.tailor.merge.internal.explain;

import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;

import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a merge did.
///
/// @param seconds that it took, this explanation's measuring included
/// @param entries in the order of the output
record Explanation(
        MergePlan plan, MergeOptions options, double seconds, List<TensorEntry> entries) {
    Explanation {
        entries = List.copyOf(entries);
    }

    /// Everything that the method made, taken together.
    Summary total() {
        return Summary.of(
                entries.stream()
                        .filter(this::isMadeByTheMethod)
                        .flatMap(entry -> entry.summary().stream())
                        .toList());
    }

    /// The models whose differences were measured.
    SortedSet<Participant> participants() {
        SortedSet<Participant> all = new TreeSet<>();
        entries.forEach(entry ->
                entry.summary().ifPresent(summary -> all.addAll(summary.parts().keySet())));
        return all;
    }

    long count(TensorEntry.Action action) {
        return entries.stream().filter(entry -> entry.action() == action).count();
    }

    /// What the differences of the tensors that were merged are measured from.
    Optional<Reference> reference() {
        return entries.stream()
                .filter(this::isMadeByTheMethod)
                .map(TensorEntry::reference)
                .findFirst();
    }

    /// Not a copy, nor the mean of those models that have a tensor which the base lacks.
    private boolean isMadeByTheMethod(TensorEntry entry) {
        return entry.action() == TensorEntry.Action.MERGED
                && plan.methodOf(entry.tensor()).equals(plan.config().method().key());
    }

    /// The name of a model as the configuration has it.
    String name(int model) {
        return plan.models().get(model).reference().text();
    }
}
