package dev.tailor.cli.command;

import dev.tailor.eval.JUnitReport;
import dev.tailor.eval.JUnitReport.Case;
import dev.tailor.eval.JUnitReport.Status;
import dev.tailor.eval.JUnitReport.Suite;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.GateResult;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.Store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The gates of a run as JUnit XML.
final class GateReports {
    private GateReports() {}

    /// Writes what came of each gate of a recipe; requirements of gates that the run did not reach
    /// are skipped.
    static void write(Path file, Recipe recipe, RunDirectory directory) {
        Set<String> reached = reached(directory);
        List<Suite> suites = new ArrayList<>();
        for (Stage stage : recipe.stages()) {
            if (stage instanceof Stage.Gate gate) {
                Optional<GateResult> result =
                        reached.contains(gate.id())
                                ? GateResult.read(directory.stage(gate.id()))
                                : Optional.empty();
                suites.add(
                        new Suite(
                                gate.id(),
                                result.map(GateReports::cases).orElseGet(() -> skipped(gate))));
            }
        }
        JUnitReport.write(file, suites);
    }

    private static Set<String> reached(RunDirectory directory) {
        Set<String> reached = new HashSet<>();
        Store.run(directory)
                .ifPresent(run ->
                        run.stages().stream()
                                .filter(stage ->
                                        switch (stage.status()) {
                                            case FINISHED, REUSED, REFUSED -> true;
                                            case WAITING, RUNNING, STOPPED, FAILED -> false;
                                        })
                                .forEach(stage -> reached.add(stage.id())));
        return reached;
    }

    private static List<Case> cases(GateResult result) {
        return result.requirements().stream()
                .map(requirement ->
                        new Case(
                                requirement.path() + " " + requirement.text(),
                                result.on() + ": " + requirement.describe(),
                                requirement.passed() ? Status.PASSED : Status.FAILED))
                .toList();
    }

    private static List<Case> skipped(Stage.Gate gate) {
        List<Case> cases = new ArrayList<>();
        gate.require()
                .forEach((path, text) ->
                        cases.add(
                                new Case(
                                        path + " " + text,
                                        "the run did not reach the gate",
                                        Status.SKIPPED)));
        return cases;
    }
}
