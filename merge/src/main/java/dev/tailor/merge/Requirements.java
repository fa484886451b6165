package dev.tailor.merge;

/// What a merge method asks of the models.
///
/// @param fewestModels how many models there must be, the base not counted where it is apart
/// @param mostModels how many there may be
/// @param base the role of the base model
public record Requirements(int fewestModels, int mostModels, BaseRole base) {
    /// What the base model is to a method.
    public enum BaseRole {
        /// Not used; named, it only gives configuration and tokenizer.
        UNUSED,
        /// One of the models to merge, and must be named.
        ONE_OF_THE_MODELS,
        /// The origin the other models' task vectors start from; it must be named.
        ORIGIN
    }
}
