package dev.tailor.merge.internal.explain;

import dev.tailor.merge.MergePlan;
import dev.tailor.merge.Operation;

import java.util.Locale;
import java.util.Optional;

/// What happened to one tensor.
///
/// @param summary the measures, if it is more than a copy of bytes
record TensorEntry(MergePlan.Tensor tensor, Action action, Optional<Summary> summary) {
    /// How a tensor came about.
    enum Action {
        /// The bytes of one model.
        COPIED,
        /// The numbers of one model, in another type or with its adapter.
        CONVERTED,
        /// The numbers of one model, times a factor.
        SCALED,
        /// The work of the merge method.
        MERGED;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Action of(Operation operation) {
            return operation instanceof Operation.Copy(double scale)
                    ? scale == 1 ? CONVERTED : SCALED
                    : MERGED;
        }
    }

    Reference reference() {
        return Reference.of(tensor.operation());
    }

    String name() {
        return tensor.output().name();
    }
}
