package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergeConfig;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who takes part in a slice, and as what.
///
/// @param origin where task vectors start, for the methods that have them
/// @param merged the models that are merged, the base first where it is one of them
/// @param parameters the slice's parameters
record SliceRoles(
        Optional<Participant> origin, List<Participant> merged, ParameterLookup parameters) {
    /// One model's part in a slice.
    record Participant(int model, MergeConfig.Source source, MergeConfig.LayerRange range) {}

    /// The origin, if there is one, then the merged models: the order of an operation's inputs.
    List<Participant> all() {
        List<Participant> all = new ArrayList<>();
        origin.ifPresent(all::add);
        all.addAll(merged);
        return all;
    }

    /// The participant that the output's names come from.
    Participant first() {
        return all().getFirst();
    }

    /// The sources of the merged models.
    List<MergeConfig.Source> sources() {
        return merged.stream().map(Participant::source).toList();
    }
}
