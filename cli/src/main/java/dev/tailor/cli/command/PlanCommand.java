package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.train.Device;
import dev.tailor.train.Proposal;
import dev.tailor.workflow.Plan;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.Store;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `tailor plan`.
@Command(
        name = "plan",
        description = {"Show what a run would do and take, without running it.", ""},
        footer = {
            "",
            "Shows each stage's rows, tokens and dropped rows, trainable parameters, peak memory,"
                    + " disk",
            "and time, and which stages are taken from an earlier run. Refuses (exit code 5) what"
                    + " does",
            "not fit into memory or on the disk, and says which settings would.",
            "",
            "With --device, memory and time are computed for that graphics card instead of this"
                    + " machine,",
            "with the settings that fit it. A model directory with config.json alone will do."
                    + " Training",
            "itself runs on processors only so far: see 'tailor doctor'.",
            "",
            "Examples:",
            "  tailor plan recipe.yaml",
            "  tailor plan recipe.yaml --set stages.clerk.batch-size=4 --no-timing",
            "  tailor plan recipe.yaml --device a10"
        })
public final class PlanCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "RECIPE.yaml", description = "What to do.")
    private Path recipe = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The run's directory (default: runs/NAME, by the recipe's name).")
    private @Nullable Path out;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Change a value of the recipe, such as stages.ID.epochs=1; repeatable.")
    private List<String> overrides = List.of();

    @Option(
            names = "--no-timing",
            description = "Do not spend the seconds that measuring the speed takes.")
    private boolean noTiming;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "Plan for a graphics card: a10, l4, a100-80, h100 or h200.")
    private @Nullable String device;

    /// Plans within this session.
    public PlanCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Optional<Device> card = Optional.ofNullable(device).map(Device::named);
        Recipe read = Recipe.read(recipe, overrides);
        RunDirectory directory =
                out == null ? RunDirectory.standard(read.name()) : new RunDirectory(out);
        session.startTorch();
        Plan plan;
        try (Session.Progress progress = session.progress()) {
            plan = Plan.of(read, directory, card, !noTiming, progress, session.cancellation());
        }
        if (session.json()) {
            session.out().print(Store.json(plan));
        } else {
            print(plan);
        }
        plan.requireFit(directory);
        return 0;
    }

    private void print(Plan plan) {
        session.print("data");
        plan.data().forEach(this::print);
        session.print("");
        session.print("stages");
        plan.stages().forEach(this::print);
        session.print("");
        plan.device()
                .ifPresent(card ->
                        session.print(
                                "computed for an "
                                        + card.title()
                                        + "; this version trains on processors only"));
        session.print(
                "peak memory %s, disk %s of %s free, time %s"
                        .formatted(
                                plan.peakMemoryBytes().isPresent()
                                        ? Figures.bytes(plan.peakMemoryBytes().getAsLong())
                                                + " of "
                                                + Figures.bytes(plan.memoryBytes())
                                        : "not known yet",
                                Figures.bytes(plan.diskBytes()),
                                Figures.bytes(plan.freeDiskBytes()),
                                plan.seconds().isPresent()
                                        ? "about " + Figures.duration(plan.seconds().getAsDouble())
                                        : "not known yet"));
    }

    private void print(StageState.DataUse data) {
        long rejected = data.rejected().values().stream().mapToLong(Long::longValue).sum();
        session.print(
                "  %-16s %s, %d rows, %d rejected"
                        .formatted(data.name(), data.format(), data.rows(), rejected));
        data.rejected()
                .forEach(
                        (reason, count) -> session.print("      %d × %s".formatted(count, reason)));
    }

    private void print(Plan.StagePlan stage) {
        session.print(
                "  %-16s %s%s"
                        .formatted(
                                stage.id(),
                                stage.description(),
                                stage.reused() ? " (unchanged: taken from the earlier run)" : ""));
        stage.training().ifPresent(this::print);
        if (!stage.reused() && stage.seconds().isPresent()) {
            session.print(
                    "      %s on disk, about %s"
                            .formatted(
                                    Figures.bytes(stage.diskBytes()),
                                    Figures.duration(stage.seconds().getAsDouble())));
        }
        stage.reasons().forEach(reason -> session.print("      again: " + reason));
        stage.notes().forEach(note -> session.print("      note: " + note));
    }

    private void print(Plan.Training training) {
        String data =
                training.rows() == 0
                        ? ""
                        : "%d samples in %d rows, %s tokens in %d steps, "
                                .formatted(
                                        training.samples(),
                                        training.rows(),
                                        Figures.count(training.tokens()),
                                        training.steps());
        session.print(
                "      %s%s of %s parameters learn, peak memory %s"
                        .formatted(
                                data,
                                Figures.count(training.trainableParameters()),
                                Figures.count(training.parameters()),
                                Figures.bytes(training.peakMemoryBytes())));
        session.print(
                "      memory: "
                        + training.memory().parts().entrySet().stream()
                                .map(part -> part.getKey() + " " + Figures.bytes(part.getValue()))
                                .collect(Collectors.joining(", ")));
        if (training.memory().loading() > training.memory().step()) {
            session.print(
                    "      most of it while the weights are read; a step takes "
                            + Figures.bytes(training.memory().step()));
        }
        for (Proposal proposal : training.proposals()) {
            String time =
                    proposal.seconds().isPresent()
                            ? ", about " + Figures.duration(proposal.seconds().getAsDouble())
                            : "";
            session.print(
                    "      fits: %s (%s%s)"
                            .formatted(
                                    proposal.text(),
                                    Figures.bytes(proposal.memory().step()),
                                    time));
        }
    }
}
