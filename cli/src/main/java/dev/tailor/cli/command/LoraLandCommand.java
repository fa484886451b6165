package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.harness.TaskConfig;
import dev.tailor.eval.harness.TaskData;
import dev.tailor.eval.harness.TaskLibrary;
import dev.tailor.eval.harness.TaskSelection;
import dev.tailor.eval.report.GainBoardFormat;
import dev.tailor.workflow.loraland.Experiment;
import dev.tailor.workflow.loraland.ExperimentSettings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

/// `tailor loraland`.
@Command(
        name = "loraland",
        description = {
            "LoRA Land's experiment: tune an adapter for each task, measure base and adapter, and"
                    + " build the board.",
            ""
        },
        footer = {
            "",
            "Every adapter is tuned with the same settings: rank 8, alpha 16 on q_proj and v_proj,"
                    + " AdamW,",
            "cosine schedule with 3 %% warm-up, 16 rows a step. Prompts are those of the evaluation"
                    + " without",
            "examples, the answer is learnt. Rows that are also evaluated are not learnt from.",
            "A task needs a training split and an evaluated one: --data gsm8k.train=FILE --data"
                    + " gsm8k.test=FILE,",
            "a directory with both, or --hold-out where one file serves both.",
            "",
            "The board (board.html, .md, .csv, .json) is written after each task; adapters lie in",
            "tasks/NAME/adapter. The same command goes on after a stop and does only what is"
                    + " missing or",
            "has changed. A task that fails is told and left out, the others go on; exit code 3"
                    + " then.",
            "",
            "Examples:",
            "  tailor loraland --base ./model --tasks gsm8k,drop --data-map data.yaml -o land",
            "  tailor loraland --base ./model --tasks tasks/ --data-map data.yaml -o land",
            "  tailor loraland --base ./model --data-map data.yaml --shots 0,1,5 -o land"
        })
public final class LoraLandCommand implements Callable<Integer> {
    private static final String PREFIX = "loraland_";

    private final Session session;

    @Option(
            names = "--base",
            required = true,
            paramLabel = "MODEL",
            description = "The model that every adapter is tuned on.")
    private String base = "";

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            description = {
                "Names (gsm8k is loraland_gsm8k), categories (loraland_reasoning), task files, or"
                        + " a",
                "directory of LoRA Land's metadata.yaml files (default: loraland, all 31)."
            })
    private List<String> tasks = List.of("loraland");

    @Option(
            names = "--data",
            paramLabel = "NAME=FILE",
            description = "The file of a task's data, or of a split (NAME.train); repeatable.")
    private Map<String, Path> data = Map.of();

    @Mixin private final TaskPlaces places = new TaskPlaces();

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description = "Where adapters, results and the board go.")
    private Path out = Path.of("");

    @Option(
            names = "--tune",
            defaultValue = "qlora",
            paramLabel = "KIND",
            description = "qlora (weights kept in 4 bits) or lora (default: qlora).")
    private ExperimentSettings.Tuning tuning = ExperimentSettings.Tuning.QLORA;

    @Option(
            names = "--epochs",
            defaultValue = "1",
            paramLabel = "N",
            description = "Passes over a task's training rows (default: 1).")
    private double epochs;

    @Option(names = "--max-steps", paramLabel = "N", description = "At most so many steps.")
    private @Nullable Integer maxSteps;

    @Option(
            names = "--learning-rate",
            defaultValue = "2e-4",
            paramLabel = "RATE",
            description = "Peak learning rate (default: 2e-4).")
    private double learningRate;

    @Option(
            names = "--sequence-length",
            defaultValue = "512",
            paramLabel = "N",
            description = "Tokens of a training row at most; longer ones are cut (default: 512).")
    private int sequenceLength;

    @Option(
            names = "--train-limit",
            paramLabel = "N",
            description = "Learn from the first N training rows of each task.")
    private @Nullable Integer trainLimit;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Evaluate the first N rows of each task.")
    private @Nullable Integer limit;

    @Option(
            names = "--hold-out",
            paramLabel = "SHARE",
            description = "Put this share of rows aside for the evaluation where one file serves.")
    private @Nullable Double holdOut;

    @Option(
            names = "--shots",
            split = ",",
            defaultValue = "0",
            paramLabel = "N",
            description = {
                "Examples the base is asked with; several (0,1,5) make a curve beside the adapter,",
                "which is always asked without (default: 0)."
            })
    private List<Integer> shots = List.of(0);

    @Option(
            names = "--baseline",
            paramLabel = "NAME=FILE",
            description = "Count wins over this model: results, or YAML with a figure per task.")
    private @Nullable String baseline;

    @Option(names = "--keep-models", description = "Keep fused models beside the adapters.")
    private boolean keepModels;

    @Option(
            names = "--seed",
            defaultValue = "42",
            paramLabel = "N",
            description = "Root of all randomness (default: 42).")
    private long seed;

    @Mixin private DeviceArguments device = new DeviceArguments();

    /// Runs within this session.
    public LoraLandCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        device.use();
        ExperimentSettings settings = settings();
        List<TaskConfig> chosen = new ArrayList<>();
        Map<String, TailorException> unread = choose(chosen);
        var known = Baselines.read(baseline, Map.of());
        Experiment experiment =
                Experiment.of(
                        session.model(base),
                        chosen,
                        new TaskData(places.data(data)),
                        settings,
                        out);
        session.startTorch();
        Experiment.Outcome outcome;
        try (Session.Progress progress = session.progress()) {
            outcome = experiment.run(known, progress, session.cancellation());
        }
        Map<String, TailorException> failures = new LinkedHashMap<>(unread);
        failures.putAll(outcome.failures());
        if (outcome.board().isEmpty()) {
            throw failures.values().iterator().next();
        }
        report(outcome, failures);
        return failures.isEmpty() ? 0 : ErrorCode.DATA_INVALID.exitCode();
    }

    private void report(Experiment.Outcome outcome, Map<String, TailorException> failures) {
        outcome.board()
                .ifPresent(board -> {
                    if (session.json()) {
                        ObjectNode json = GainBoardFormat.json(board);
                        ObjectNode failed = json.putObject("failed");
                        failures.forEach((task, why) -> failed.put(task, why.render()));
                        session.print(json);
                    } else {
                        session.out().print(GainBoardFormat.text(board));
                        session.print("board: " + out.resolve("board.html"));
                    }
                });
        failures.forEach((task, why) -> session.note(task + " failed: " + why.render()));
    }

    /// The tasks of all words; of a directory, what cannot be read is told at the end.
    private Map<String, TailorException> choose(List<TaskConfig> chosen) {
        TaskLibrary library = TaskLibrary.of(places.directories());
        Map<String, TailorException> unread = new LinkedHashMap<>();
        List<TaskSelection> selections = new ArrayList<>();
        for (String word : tasks) {
            List<Path> files = TaskLibrary.loraLandFiles(Path.of(word));
            for (Path file : files) {
                try {
                    selections.add(library.select(file.toString()));
                } catch (TailorException e) {
                    unread.put(file.toString(), e);
                }
            }
            if (files.isEmpty()) {
                boolean own = !TaskLibrary.isFile(word) && library.has(PREFIX + word);
                selections.add(library.select(own ? PREFIX + word : word));
            }
        }
        chosen.addAll(TaskSelection.of(selections).tasks());
        return unread;
    }

    private ExperimentSettings settings() {
        requireAbove("--epochs", epochs);
        requireAbove("--learning-rate", learningRate);
        requireAbove("--sequence-length", sequenceLength);
        requireAbove("--max-steps", maxSteps);
        requireAbove("--train-limit", trainLimit);
        requireAbove("--limit", limit);
        if (holdOut != null && !(holdOut > 0 && holdOut < 1)) {
            throw TailorException.of(ErrorCode.USAGE, "--hold-out takes a share between 0 and 1");
        }
        return new ExperimentSettings(
                tuning,
                epochs,
                optional(maxSteps),
                learningRate,
                sequenceLength,
                optional(trainLimit),
                optional(limit),
                holdOut == null ? OptionalDouble.empty() : OptionalDouble.of(holdOut),
                HarnessArguments.distinctShots(shots),
                seed,
                keepModels);
    }

    private static void requireAbove(String option, @Nullable Number value) {
        if (value != null && !(value.doubleValue() > 0)) {
            throw TailorException.of(ErrorCode.USAGE, option + " takes a number above 0");
        }
    }

    private static OptionalInt optional(@Nullable Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
