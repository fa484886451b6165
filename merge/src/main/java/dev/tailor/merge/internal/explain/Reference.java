package dev.tailor.merge.internal.explain;

import dev.tailor.merge.Operation;

/// What differences are measured from.
public enum Reference {
    /// The base model: the first input.
    BASE("base"),
    /// The mean of the inputs, for methods to which all models are alike.
    MEAN("mean"),
    /// The only input, of what is a copy.
    INPUT("input");

    private final String key;

    Reference(String key) {
        this.key = key;
    }

    /// The name in the file.
    public String key() {
        return key;
    }

    static Reference of(Operation operation) {
        return switch (operation) {
            case Operation.Copy copy -> INPUT;
            case Operation.Linear linear -> MEAN;
            case Operation.Karcher karcher -> MEAN;
            case Operation.Nuslerp nuslerp -> nuslerp.fromOrigin() ? BASE : MEAN;
            case Operation.Multislerp multislerp -> multislerp.fromOrigin() ? BASE : MEAN;
            case Operation.Slerp slerp -> BASE;
            case Operation.Nearswap nearswap -> BASE;
            case Operation.Fusion fusion -> BASE;
            case Operation.TaskVectors vectors -> BASE;
            case Operation.ModelStock stock -> BASE;
            case Operation.Sce sce -> BASE;
            case Operation.Ram ram -> BASE;
        };
    }

    /// The first of the inputs that have a difference to the reference.
    int firstModel() {
        return this == MEAN ? 0 : 1;
    }
}
