package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergeConfig;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who takes part in a slice, and as what.
///
/// @param origin where task vectors start, for the methods that have them
/// @param merged the models that are merged, the base first where it is one of them
/// @param parameters the slice's parameters
record SliceRoles(
        Optional<Participant> origin, List<Participant> merged, ParameterLookup parameters) {
    /// One model's part in a slice of a module.
    ///
    /// @param module the model's tensors of that module; [LayerNames#ABSENT] if it has none
    record Participant(
            int model, MergeConfig.Source source, LayerNames module, MergeConfig.LayerRange range) {
        /// Whether the model has the module at all.
        boolean hasModule() {
            return !module.isEmpty();
        }

        /// Its layer number `offset` of the slice: the tensors by the part of the name after the
        /// number. Nothing if there is no such layer.
        Optional<Map<String, String>> layer(int offset) {
            return Optional.ofNullable(module.layers().get(range.first() + offset));
        }
    }

    /// The origin, if there is one, then the merged models: the order of an operation's inputs.
    List<Participant> all() {
        List<Participant> all = new ArrayList<>();
        origin.ifPresent(all::add);
        all.addAll(merged);
        return all;
    }

    /// The first that has the module: its layers are counted.
    Participant first() {
        return all().stream().filter(Participant::hasModule).findFirst().orElse(all().getFirst());
    }
}
