package dev.tailor.merge;

/// What a merge method asks of the models.
///
/// @param fewestModels how many models there must be, the base not counted where it is apart
/// @param mostModels how many there may be
/// @param base the role of the base model
public record Requirements(int fewestModels, int mostModels, BaseRole base) {
    /// No upper bound.
    static final int MANY = Integer.MAX_VALUE;

    /// What the base model is to a method.
    public enum BaseRole {
        /// Not used; named, it only gives configuration and tokenizer.
        UNUSED,
        /// One of the models to merge, and must be named.
        ONE_OF_THE_MODELS,
        /// The origin the other models' task vectors start from; it must be named.
        ORIGIN,
        /// The origin if it is named; without one the models themselves are merged.
        OPTIONAL_ORIGIN;

        /// Whether task vectors start at the base model, if there is one.
        public boolean isOrigin() {
            return this == ORIGIN || this == OPTIONAL_ORIGIN;
        }

        /// Whether there must be a base model.
        public boolean isRequired() {
            return this == ORIGIN || this == ONE_OF_THE_MODELS;
        }
    }
}
