package dev.tailor.workflow.internal.stages;

import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.Digests;
import dev.tailor.workflow.store.RunDirectory;

/// What all stages of a run work with.
public record Workspace(
        Recipe recipe, RunDirectory directory, Digests digests, DataSets data, Models models) {
    /// The workspace of a recipe in a run directory.
    public static Workspace of(Recipe recipe, RunDirectory directory) {
        Digests digests = new Digests(directory);
        return new Workspace(
                recipe,
                directory,
                digests,
                new DataSets(recipe),
                new Models(recipe, directory, digests));
    }
}
