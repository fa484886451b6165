package dev.tailor.merge;

import java.util.List;
import java.util.OptionalDouble;

/// A parameter's value, which may depend on the layer and on the tensor's name.
public sealed interface ParameterValue {
    /// The value for one tensor, or nothing if no filter lets it through.
    ///
    /// @param tensor the tensor's name in the output
    /// @param depth how deep its layer lies in the slice, from 0 (first, and everything outside of
    ///   layers) to 1 (last)
    OptionalDouble at(String tensor, double depth);

    /// The same everywhere. Flags are 1 or 0.
    record Constant(double value) implements ParameterValue {
        @Override
        public OptionalDouble at(String tensor, double depth) {
            return OptionalDouble.of(value);
        }
    }

    /// A gradient: equally spaced knots over the depth, straight lines between them.
    record Gradient(List<Double> knots) implements ParameterValue {
        public Gradient {
            knots = List.copyOf(knots);
        }

        @Override
        public OptionalDouble at(String tensor, double depth) {
            double scaled = depth * (knots.size() - 1);
            int left = Math.min((int) scaled, knots.size() - 1);
            int right = Math.min(left + 1, knots.size() - 1);
            double fraction = scaled - left;
            return OptionalDouble.of(
                    (1 - fraction) * knots.get(left) + fraction * knots.get(right));
        }
    }

    /// The first of several values whose filter lets the tensor through.
    record Filtered(List<Choice> choices) implements ParameterValue {
        public Filtered {
            choices = List.copyOf(choices);
        }

        @Override
        public OptionalDouble at(String tensor, double depth) {
            for (Choice choice : choices) {
                if (choice.filter().equals("*") || tensor.contains(choice.filter())) {
                    return choice.value().at(tensor, depth);
                }
            }
            return OptionalDouble.empty();
        }
    }

    /// A value for the tensors whose name contains `filter`, or for all (`*`).
    record Choice(String filter, ParameterValue value) {}
}
