package dev.tailor.workflow.recipe;

import dev.tailor.workflow.internal.keys.Key;
import dev.tailor.workflow.internal.keys.KeyType;

/// Keys and types that several stages share.
final class CommonKeys {
    static final KeyType NAME =
            new KeyType.Pattern(
                    "[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "a name (letters, digits, . _ -)");
    static final KeyType MODEL =
            new KeyType.Text("a model: a directory, a stage, `MODEL+ADAPTER` or `hf:org/name`");
    static final KeyType DATA = new KeyType.Text("the name of a data set");

    private CommonKeys() {}

    static Key id() {
        return Key.optional("id", NAME, "Name of the stage; its kind when left out.");
    }

    static Key seed() {
        return Key.optional(
                "seed", new KeyType.Whole(0, Long.MAX_VALUE), "The recipe's `seed` when left out.");
    }

    static KeyType whole(long minimum, long maximum) {
        return new KeyType.Whole(minimum, maximum);
    }
}
