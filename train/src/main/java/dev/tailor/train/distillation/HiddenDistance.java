package dev.tailor.train.distillation;

/// How two hidden states are compared.
public enum HiddenDistance {
    /// The mean squared difference.
    SQUARE {
        @Override
        public HiddenTerm term(float[] student, float[] teacher) {
            return HiddenTerm.meanSquare(student, teacher);
        }
    },
    /// 1 less the cosine.
    COSINE {
        @Override
        public HiddenTerm term(float[] student, float[] teacher) {
            return HiddenTerm.cosine(student, teacher);
        }
    };

    /// The distance at one position, and its derivative.
    public abstract HiddenTerm term(float[] student, float[] teacher);
}
