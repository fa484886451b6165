package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Event;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.Digests;
import dev.tailor.workflow.store.RunDirectory;

/// What all stages of a run work with.
public record Workspace(
        Recipe recipe, RunDirectory directory, Digests digests, DataSets data, Models models) {
    /// The workspace of a recipe in a run directory; `listener` hears of models that are fetched.
    public static Workspace of(Recipe recipe, RunDirectory directory, Event.Listener listener) {
        Digests digests = new Digests(directory);
        return new Workspace(
                recipe,
                directory,
                digests,
                new DataSets(recipe),
                new Models(recipe, directory, digests, listener));
    }
}
