package dev.tailor.merge.internal.explain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What was measured of one tensor, or of several taken together.
record Summary(Whole whole, SortedMap<Participant, Part> parts) {
    private static final Part UNDEFINED =
            new Part(
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN);

    /// The part of a model; nothing of it is defined where it takes none.
    Part part(Participant participant) {
        return parts.getOrDefault(participant, UNDEFINED);
    }

    /// All of them as one.
    static Summary of(Collection<Summary> several) {
        List<Summary> each = new ArrayList<>(several);
        SortedMap<Participant, Part> parts = new TreeMap<>();
        for (Summary summary : each) {
            summary.parts.forEach((model, part) -> parts.merge(model, part, Part::plus));
        }
        return new Summary(
                each.stream()
                        .map(Summary::whole)
                        .reduce(Whole::plus)
                        .orElse(new Whole(0, 0, 0, 0, 0)),
                parts);
    }
}
