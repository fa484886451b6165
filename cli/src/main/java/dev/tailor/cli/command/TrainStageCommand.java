package dev.tailor.cli.command;

import static java.util.Objects.requireNonNull;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.ResidentMemory;
import dev.tailor.cli.terminal.Session;
import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.Run;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.StageFlags;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.Store;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `tailor train cpt`, `sft`, `dpo`, `kto` and `distill`: a recipe of one stage, written by flags.
@Command(
        footer = {
            "",
            "Values are written as in a recipe. The model directory appears at OUT when training"
                    + " is",
            "over; checkpoints, metrics and the report lie in OUT.run, and the same command goes"
                    + " on",
            "from there when it was stopped. --print-recipe shows the recipe these flags stand"
                    + " for.",
            "",
            "Examples:",
            "  tailor train ${COMMAND-NAME} --from ./base --data FILE --out ./tuned --epochs 2",
            "  tailor train ${COMMAND-NAME} --from ./base --data FILE --out ./tuned --tune full",
            "  tailor train ${COMMAND-NAME} --from ./base --data FILE --out ./tuned --print-recipe"
        })
final class TrainStageCommand implements Callable<Integer> {
    private static final String STAGE = "model";

    /// What is trained.
    enum Kind {
        cpt("Continued pre-training on running text.", ", kind: text"),
        sft("Supervised fine-tuning on conversations.", ", kind: chat"),
        dpo("Preference optimisation on chosen and rejected answers.", ", kind: preference"),
        kto("Preference optimisation on answers marked as wanted or unwanted, or pairs.", ""),
        distill("Distillation: text or conversations, learnt from a teacher model.", "");

        private final String summary;

        /// What is said of the data's kind in the recipe; it is recognised where several will do.
        private final String data;

        Kind(String summary, String data) {
            this.summary = summary;
            this.data = data;
        }
    }

    private static final Path LABEL = Path.of("command-line.yaml").toAbsolutePath();

    private final Session session;
    private final Kind kind;
    private @Nullable CommandSpec spec;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "MODEL",
            description = "The model to start from: a directory, or MODEL+ADAPTER.")
    private String from = "";

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "What to learn from: files, directories, globs; repeatable.")
    private List<String> data = List.of();

    @Option(
            names = "--evaluation",
            paramLabel = "FILE",
            description = "Held-out data, measured during training.")
    private @Nullable String evaluation;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The model directory to write.")
    private Path out = Path.of("");

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Root of all randomness (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--print-recipe", description = "Print the recipe and do nothing.")
    private boolean printRecipe;

    @Mixin private DeviceArguments device = new DeviceArguments();

    private TrainStageCommand(Session session, Kind kind) {
        this.session = session;
        this.kind = kind;
    }

    /// The command with a flag for every setting of its kind of stage.
    static CommandLine create(Session session, Kind kind) {
        TrainStageCommand command = new TrainStageCommand(session, kind);
        CommandSpec spec = CommandSpec.forAnnotatedObject(command);
        spec.name(kind.name());
        spec.usageMessage().description(kind.summary, "");
        spec.usageMessage().sortOptions(false);
        for (StageFlags.Flag flag : StageFlags.of(kind.name())) {
            spec.addOption(
                    OptionSpec.builder("--" + flag.name())
                            .paramLabel(flag.value())
                            .type(String.class)
                            .description(flag.doc().replace("%", "%%"))
                            .build());
        }
        command.spec = spec;
        return new CommandLine(spec);
    }

    @Override
    public Integer call() {
        String text = recipe();
        if (printRecipe) {
            session.out().print(text);
            return 0;
        }
        device.use();
        try {
            run(Recipe.parse(LABEL, text));
        } catch (TailorException e) {
            throw flag(e, text).map(e::at).orElse(e);
        }
        return 0;
    }

    /// The flag that a place in the recipe stands for.
    private static Optional<String> flag(TailorException e, String recipe) {
        Matcher place =
                Pattern.compile(Pattern.quote(LABEL + ":") + "(\\d+).*")
                        .matcher(e.where().orElse(""));
        if (!place.matches()) {
            return Optional.empty();
        }
        String line = recipe.lines().toList().get(Integer.parseInt(place.group(1)) - 1).strip();
        String key = line.substring(0, Math.max(0, line.indexOf(':')));
        return Optional.of(
                switch (key) {
                    case "id" -> "the command line";
                    case "base" -> "--from";
                    case "train" -> "--data";
                    case "held-out" -> "--evaluation";
                    default -> "--" + key;
                });
    }

    private void run(Recipe recipe) {
        RunDirectory directory =
                new RunDirectory(out.toAbsolutePath().resolveSibling(out.getFileName() + ".run"));
        session.startTorch();
        RunRecord record;
        try (Session.Progress progress = session.progress()) {
            record = Run.of(recipe, directory, Optional.empty(), progress, session.cancellation());
        }
        AtomicWrite.directory(out, target -> link(directory.stage(STAGE), target));
        if (session.json()) {
            session.out().print(Store.json(record));
        } else {
            session.print(
                    "%s  done in %s, peak memory %s, report: %s"
                            .formatted(
                                    out,
                                    Figures.duration(record.seconds()),
                                    Figures.bytes(ResidentMemory.peak()),
                                    directory.report()));
        }
    }

    /// The recipe that the flags stand for.
    private String recipe() {
        StringBuilder yaml = new StringBuilder();
        yaml.append("tailor: 1\n");
        yaml.append("name: ").append(quoted(String.valueOf(out.getFileName()))).append('\n');
        yaml.append("seed: ").append(seed).append('\n');
        yaml.append("base: ").append(quoted(from)).append('\n');
        yaml.append("data:\n");
        String paths = String.join(", ", data.stream().map(TrainStageCommand::quoted).toList());
        yaml.append("  train: {path: [%s]%s}\n".formatted(paths, kind.data));
        if (evaluation != null) {
            yaml.append("  held-out: {path: [%s]%s}\n".formatted(quoted(evaluation), kind.data));
        }
        yaml.append("stages:\n  - ").append(kind).append(":\n");
        line(yaml, "id", STAGE);
        line(yaml, "from", "base");
        line(yaml, "data", "train");
        if (evaluation != null) {
            line(yaml, "evaluation", "held-out");
        }
        settings().forEach((key, value) -> line(yaml, key, value));
        return yaml.toString();
    }

    private static void line(StringBuilder yaml, String key, String value) {
        yaml.append("      ").append(key).append(": ").append(value).append('\n');
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /// The stage's settings that were given, as YAML by key.
    private Map<String, String> settings() {
        ParseResult parsed = spec == null ? null : spec.commandLine().getParseResult();
        Map<String, String> settings = new LinkedHashMap<>();
        Map<String, Map<String, String>> tunings = new LinkedHashMap<>();
        for (StageFlags.Flag flag : StageFlags.of(kind.name())) {
            String value =
                    parsed == null ? null : parsed.matchedOptionValue("--" + flag.name(), null);
            if (value == null) {
                continue;
            }
            if (flag.tuning().isEmpty()) {
                settings.put(flag.key(), value);
            } else {
                tunings.computeIfAbsent(flag.tuning().get(), name -> new LinkedHashMap<>())
                        .put(flag.key(), value);
            }
        }
        addTuning(settings, tunings);
        return settings;
    }

    private static void addTuning(
            Map<String, String> settings, Map<String, Map<String, String>> tunings) {
        if (tunings.isEmpty()) {
            return;
        }
        String name = tunings.keySet().iterator().next();
        String said = settings.get("tune");
        if (tunings.size() > 1 || (said != null && !said.equals(name))) {
            throw TailorException.of(
                            ErrorCode.USAGE,
                            "settings of different ways of tuning: "
                                    + tunings.keySet()
                                    + (said == null ? "" : " with --tune " + said))
                    .remedy("a stage tunes in one way: full, lora, qlora or spectrum");
        }
        StringBuilder tune = new StringBuilder("{" + name + ": {");
        requireNonNull(tunings.get(name))
                .forEach((key, value) ->
                        tune.append(tune.toString().endsWith("{") ? "" : ", ")
                                .append(key)
                                .append(": ")
                                .append(value));
        settings.put("tune", tune.append("}}").toString());
    }

    /// The same files at another place, without copying them where the disk allows it.
    private static void link(Path source, Path target) throws IOException {
        try (Stream<Path> walk = Files.walk(source)) {
            for (Path file : (Iterable<Path>) walk::iterator) {
                Path place = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(place);
                    continue;
                }
                try {
                    Files.createLink(place, file);
                } catch (IOException | UnsupportedOperationException e) {
                    Files.copy(file, place);
                }
            }
        }
    }
}
