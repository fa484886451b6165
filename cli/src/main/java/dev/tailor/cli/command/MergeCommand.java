package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.Merge;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.MergeResult;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `tailor merge`.
@Command(
        name = "merge",
        description = {"Merge models as a mergekit configuration says.", ""},
        footer = {
            "",
            "Models are read piece by piece from disk: memory does not grow with their size or",
            "number. The output directory appears complete at the end, in place of what was there.",
            "",
            "Examples:",
            "  tailor merge ties.yml ./merged",
            "  tailor merge ties.yml ./merged --dry-run",
            "  tailor merge slerp.yml ./merged --compat --out-shard-size 1B"
        })
public final class MergeCommand implements Callable<Integer> {
    private static final Pattern SIZE = Pattern.compile("([0-9]+)([KMBG]?)B?");

    private final Session session;

    @Parameters(index = "0", paramLabel = "CONFIG.yml", description = "What to merge, and how.")
    private Path config = Path.of("");

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "OUT",
            description = "The model directory to write.")
    private @Nullable Path out;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Seed of methods that draw random numbers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--compat",
            description =
                    "Round at each step as mergekit does; without it, float32 inside and one"
                            + " rounding at the end.")
    private boolean compat;

    @Option(names = "--dry-run", description = "Show what would be done; read no tensor.")
    private boolean dryRun;

    @Option(
            names = "--out-shard-size",
            paramLabel = "SIZE",
            defaultValue = "5B",
            description =
                    "Most bytes of one file of the output: 500M, 5B (default: ${DEFAULT-VALUE}).")
    private String shardSize = "5B";

    /// Merges within this session.
    public MergeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        MergeOptions options =
                MergeOptions.standard()
                        .withSeed(seed)
                        .withCompat(compat)
                        .withThreads(session.options().threads())
                        .withMaxShardBytes(bytes(shardSize));
        if (out == null && !dryRun) {
            throw TailorException.of(ErrorCode.USAGE, "name the model directory to write")
                    .remedy("tailor merge CONFIG.yml OUT, or --dry-run to see what would be done");
        }
        MergePlan plan = Merge.plan(config);
        if (out == null || dryRun) {
            show(plan);
            return 0;
        }
        MergeResult result;
        try (Session.Progress progress = session.progress()) {
            result = Merge.run(plan, out, options, progress, session.cancellation());
        }
        MergeReports.show(session, result);
        return 0;
    }

    /// `500M`, `5B`, `2GB`; B alone is mergekit's billion.
    static long bytes(String size) {
        Matcher parts = SIZE.matcher(size.toUpperCase(Locale.ROOT));
        if (!parts.matches()) {
            throw TailorException.of(ErrorCode.USAGE, "not a size: '" + size + "'")
                    .remedy("write for example 500M or 5B");
        }
        long factor =
                switch (parts.group(2)) {
                    case "K" -> 1_000L;
                    case "M" -> 1_000_000L;
                    case "G", "B" -> 1_000_000_000L;
                    default -> 1L;
                };
        return Math.max(1, Math.multiplyExact(Long.parseLong(parts.group(1)), factor));
    }

    private void show(MergePlan plan) {
        if (session.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("method", name(plan));
            ArrayNode models = json.putArray("models");
            plan.models().forEach(model -> models.add(model.reference().text()));
            json.put("tensors", plan.tensors().size());
            json.put("parameters", plan.parameters());
            json.put("bytes", plan.outputBytes());
            ArrayNode notes = json.putArray("notes");
            plan.notes().forEach(notes::add);
            session.print(json);
            return;
        }
        session.print(name(plan) + " of " + plan.models().size() + " models");
        plan.models().forEach(model -> session.print("  " + model.reference().text()));
        session.print(
                "%d tensors, %s weights, %s to write"
                        .formatted(
                                plan.tensors().size(),
                                Figures.count(plan.parameters()),
                                Figures.bytes(plan.outputBytes())));
        plan.notes().forEach(note -> session.print("note: " + note));
    }

    private static String name(MergePlan plan) {
        return plan.config().method().key();
    }
}
