package dev.tailor.workflow.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A model as a recipe names it.
public sealed interface ModelReference {
    /// The words of the recipe, which boards and reports show.
    String text();

    /// The stages whose results this reference needs, in order.
    default List<String> stages() {
        return switch (this) {
            case Base base -> List.of();
            case Produced produced -> List.of(produced.stage());
            case Directory directory -> List.of();
            case Hub hub -> List.of();
            case Adapted adapted ->
                    Stream.concat(
                                    adapted.model().stages().stream(),
                                    adapted.adapter().stages().stream())
                            .distinct()
                            .toList();
        };
    }

    /// The recipe's `base`.
    record Base() implements ModelReference {
        @Override
        public String text() {
            return "base";
        }
    }

    /// The result of a stage.
    record Produced(String stage) implements ModelReference {
        @Override
        public String text() {
            return stage;
        }
    }

    /// A directory; `path` is resolved against the recipe.
    record Directory(String text, Path path) implements ModelReference {}

    /// A model of the Hugging Face Hub.
    ///
    /// @param repository `org/name`
    /// @param revision a branch, tag or commit; `main` when the recipe names none
    record Hub(String text, String repository, String revision) implements ModelReference {}

    /// A model with an adapter fused into it.
    record Adapted(String text, ModelReference model, ModelReference adapter)
            implements ModelReference {}
}
