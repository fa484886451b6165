package dev.tailor.merge.internal.explain;

/// A model in its part: a model may be merged with another of its own layers.
///
/// @param model its number in the plan
/// @param occurrence how many times it stands before among a tensor's models
record Participant(int model, int occurrence) implements Comparable<Participant> {
    @Override
    public int compareTo(Participant other) {
        return model == other.model
                ? Integer.compare(occurrence, other.occurrence)
                : Integer.compare(model, other.model);
    }
}
