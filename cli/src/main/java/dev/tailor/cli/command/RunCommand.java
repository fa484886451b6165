package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.ResidentMemory;
import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.BoardFormat;
import dev.tailor.workflow.Run;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.Boards;
import dev.tailor.workflow.store.GateResult;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.Store;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `tailor run`.
@Command(
        name = "run",
        description = {"Run a recipe: every stage from data to model, and the report.", ""},
        footer = {
            "",
            "A run that was stopped or killed goes on where it was when the same command is given",
            "again, and a stage whose settings, models and data are unchanged is not run again.",
            "With other settings or data a stopped stage is refused: nothing it learnt is lost",
            "unasked.",
            "The run's directory holds the models (stages/), every metric (events.jsonl,"
                    + " TensorBoard)",
            "and the report (report.html).",
            "",
            "Exit codes: 0 done, 3 bad data or recipe, 4 a gate failed, 5 not enough memory or"
                    + " disk,",
            "130 stopped with Ctrl-C.",
            "",
            "Examples:",
            "  tailor run examples/quickstart/recipe.yaml",
            "  tailor run recipe.yaml --out runs/try-2 --set stages.clerk.epochs=5",
            "  tailor run recipe.yaml --until reader"
        })
public final class RunCommand implements Callable<Integer> {
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

    @Option(names = "--until", paramLabel = "STAGE", description = "Stop after this stage.")
    private @Nullable String until;

    @Mixin private DeviceArguments device = new DeviceArguments();

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "Write the gates' results here as JUnit XML, for a build server.")
    private @Nullable Path junit;

    /// Runs within this session.
    public RunCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        device.use();
        Recipe read = Recipe.read(recipe, overrides);
        RunDirectory directory =
                out == null ? RunDirectory.standard(read.name()) : new RunDirectory(out);
        session.startTorch();
        RunRecord record;
        try (Session.Progress progress = session.progress()) {
            record =
                    Run.of(
                            read,
                            directory,
                            Optional.ofNullable(until),
                            progress,
                            session.cancellation());
        } catch (TailorException e) {
            if (e.code() == ErrorCode.GATE_FAILED && !session.json()) {
                read.stages().forEach(stage -> printBoard(directory.stage(stage.id())));
            }
            throw e;
        } finally {
            if (junit != null) {
                GateReports.write(junit, read, directory);
            }
        }
        if (session.json()) {
            session.out().print(Store.json(record));
        } else {
            print(directory, record);
        }
        return 0;
    }

    private void print(RunDirectory directory, RunRecord record) {
        for (RunRecord.StageRecord stage : record.stages()) {
            Path result = directory.stage(stage.id());
            printBoard(result);
            GateResult.read(result).ifPresent(this::print);
        }
        session.print(
                "done in %s, peak memory %s"
                        .formatted(
                                Figures.duration(record.seconds()),
                                Figures.bytes(ResidentMemory.peak())));
        session.print("report: " + directory.report());
        record.stages().stream()
                .filter(RunRecord.StageRecord::makesModel)
                .reduce((earlier, later) -> later)
                .ifPresent(last ->
                        session.print("talk to it: tailor chat " + directory.stage(last.id())));
    }

    private void printBoard(Path result) {
        Boards.read(result)
                .ifPresent(board -> {
                    session.out().print(BoardFormat.TEXT.render(board));
                    session.print("");
                });
    }

    private void print(GateResult gate) {
        for (GateResult.Requirement requirement : gate.requirements()) {
            session.print(
                    "gate on "
                            + gate.on()
                            + ": "
                            + requirement.describe()
                            + (requirement.passed() ? ": passed" : ": failed"));
        }
    }
}
