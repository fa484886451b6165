package dev.tailor.merge;

/// What a merge method asks of the models.
///
/// @param fewestModels how many models there must be, the base not counted where it is apart
/// @param mostModels how many there may be
/// @param base the role of the base model
public record Requirements(int fewestModels, int mostModels, BaseRole base) {
    /// No upper bound.
    static final int MANY = Integer.MAX_VALUE;

    /// Whether there is a limit to the number of models.
    public boolean isBounded() {
        return mostModels != MANY;
    }

    /// How many models, in words.
    public String inWords() {
        String count =
                fewestModels == mostModels
                        ? "exactly " + models(fewestModels)
                        : isBounded()
                                ? fewestModels + " to " + models(mostModels)
                                : "at least " + models(fewestModels);
        return base.isOrigin() ? count + " besides the base" : count;
    }

    private static String models(int count) {
        return count + (count == 1 ? " model" : " models");
    }

    /// What the base model is to a method.
    public enum BaseRole {
        /// Not used; named, it only gives configuration and tokenizer.
        UNUSED("no base model is needed; one that is named gives configuration and tokenizer"),
        /// One of the models to merge, and must be named.
        ONE_OF_THE_MODELS("'base_model' is one of the models"),
        /// The origin the other models' task vectors start from; it must be named.
        ORIGIN("'base_model' is what the models are compared with"),
        /// The origin if it is named; without one the models themselves are merged.
        OPTIONAL_ORIGIN("with a 'base_model' the differences to it are merged");

        private final String words;

        BaseRole(String words) {
            this.words = words;
        }

        /// What it is, in words.
        public String inWords() {
            return words;
        }

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
