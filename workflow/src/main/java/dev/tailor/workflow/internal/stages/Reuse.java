package dev.tailor.workflow.internal.stages;

import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.Store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Whether a stage's result from an earlier run still holds.
public sealed interface Reuse {
    /// It holds.
    record Holds(StageState state) implements Reuse {}

    /// It has to be made; `reasons` say why, in words. Empty when it was never made.
    record Made(List<String> reasons) implements Reuse {}

    /// Looks at what is there. The stage's own models must be there.
    static Reuse of(Stage stage, Ingredients ingredients, Workspace workspace) {
        Optional<StageState> state = Store.stage(workspace.directory(), stage.id());
        if (state.isEmpty()) {
            return new Made(List.of());
        }
        if (!state.get().key().equals(ingredients.key())) {
            return new Made(ingredients.changesSince(state.get().ingredients()));
        }
        Path result = workspace.directory().stage(stage.id());
        if (!Files.isDirectory(result)) {
            return new Made(List.of("its result is gone"));
        }
        if (!workspace.digests().ofModel(result).equals(state.get().digest())) {
            return new Made(List.of("its result was changed by hand"));
        }
        return new Holds(state.get());
    }
}
