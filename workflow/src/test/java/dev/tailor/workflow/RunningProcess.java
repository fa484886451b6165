package dev.tailor.workflow;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.RunDirectory;

import java.nio.file.Path;
import java.util.Optional;

/// Runs a recipe and prints every step, for a test that kills it.
final class RunningProcess {
    private RunningProcess() {}

    public static void main(String[] arguments) {
        Run.of(
                Recipe.read(Path.of(arguments[0])),
                new RunDirectory(Path.of(arguments[1])),
                Optional.empty(),
                event -> {
                    switch (event) {
                        case Event.Step step ->
                                System.out.println(step.stage() + " " + step.step());
                        case Event.StageStarted started ->
                                System.out.println("started " + started.stage());
                        default -> {}
                    }
                    System.out.flush();
                },
                Cancellation.never());
    }
}
