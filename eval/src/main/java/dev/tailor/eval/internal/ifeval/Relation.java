package dev.tailor.eval.internal.ifeval;

/// How a count compares with the number that an instruction names.
enum Relation {
    LESS_THAN("less than"),
    AT_LEAST("at least");

    final String word;

    Relation(String word) {
        this.word = word;
    }

    boolean holds(int count, int bound) {
        return switch (this) {
            case LESS_THAN -> count < bound;
            case AT_LEAST -> count >= bound;
        };
    }
}
