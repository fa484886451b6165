package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.Merge;
import dev.tailor.merge.MergeChain;
import dev.tailor.merge.MergeCost;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.MergeResult;
import dev.tailor.merge.ModelResolver;
import dev.tailor.merge.NotFinite;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.List;
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
            "Models are read piece by piece from disk: memory does not grow with their size",
            "or number. The output directory appears complete at the end, in place of what",
            "was there. A file of several documents with names makes merges that build on",
            "one another.",
            "",
            "Examples:",
            "  tailor merge ties.yml ./merged",
            "  tailor merge ties.yml ./merged --dry-run",
            "  tailor merge slerp.yml ./merged --compat --out-shard-size 1B",
            "  tailor merge ties.yml ./merged --explain ties.html --explain ties.json",
            "  tailor merge --methods ties"
        })
public final class MergeCommand implements Callable<Integer> {
    private static final Pattern SIZE = Pattern.compile("([0-9]+)([KMBG]?)B?");

    private final Session session;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "CONFIG.yml",
            description = "What to merge, and how.")
    private @Nullable Path config;

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

    @Option(
            names = "--dry-run",
            description =
                    "Check everything and show what would be done, tensor by tensor; read no"
                            + " weights.")
    private boolean dryRun;

    @Option(
            names = "--verbose",
            description = "With --dry-run: every tensor for itself, equal layers too.")
    private boolean verbose;

    @Option(
            names = "--keep-intermediates",
            description = "Keep OUT.intermediates, the merges that only serve others.")
    private boolean keepIntermediates;

    @Option(
            names = "--methods",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "METHOD",
            completionCandidates = MergeMethodsReport.Names.class,
            description = "Print what each method does and takes, or what one does.")
    private @Nullable String methods;

    @Option(
            names = "--out-shard-size",
            paramLabel = "SIZE",
            defaultValue = "5B",
            description =
                    "Most bytes of one file of the output: 500M, 5B (default: ${DEFAULT-VALUE}).")
    private String shardSize = "5B";

    @Option(
            names = "--nan",
            paramLabel = "fail|keep",
            defaultValue = "fail",
            description =
                    "What to do when a model holds a NaN or an infinity: stop and name it, or merge"
                            + " it as it is (default: ${DEFAULT-VALUE}).")
    private NotFinite nan = NotFinite.FAIL;

    @Option(
            names = "--sha256",
            description =
                    "Record the files read and written by SHA-256 too, which reads them once more;"
                            + " tailor.json always holds their CRC-32.")
    private boolean sha256;

    @Option(
            names = "--sync",
            description =
                    "Wait until the output is on the disk; without it the system writes it in its"
                            + " own time, and a power cut in the next half minute can damage it.")
    private boolean sync;

    @Option(
            names = "--explain",
            paramLabel = "FILE",
            description = {
                "Write what the merge did to each tensor: FILE.html as heat maps to look at,",
                "FILE.json as numbers. May be given more than once; reads the models once more."
            })
    private List<Path> explain = List.of();

    /// Merges within this session.
    public MergeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (methods != null) {
            new MergeMethodsReport(session).show(methods);
            return 0;
        }
        if (config == null) {
            throw TailorException.of(ErrorCode.USAGE, "name the file that says what to merge")
                    .remedy("tailor merge CONFIG.yml OUT, or --methods to see what there is");
        }
        if (out == null && !dryRun) {
            throw TailorException.of(ErrorCode.USAGE, "name the model directory to write")
                    .remedy("tailor merge CONFIG.yml OUT, or --dry-run to see what would be done");
        }
        MergeOptions options =
                MergeOptions.standard()
                        .withSeed(seed)
                        .withCompat(compat)
                        .withThreads(session.options().threads())
                        .withMaxShardBytes(bytes(shardSize))
                        .withNotFinite(nan)
                        .withDigests(sha256)
                        .withForced(sync)
                        .withExplanations(explain);
        if (dryRun && !explain.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.USAGE, "a dry run reads no tensors, so it explains nothing")
                    .remedy("leave out --dry-run or --explain");
        }
        MergeChain chain = MergeChain.read(config);
        ModelResolver resolver = Merge.resolver(config);
        if (out == null || dryRun) {
            show(chain, Merge.plan(chain, resolver), options);
            return 0;
        }
        MergeResult result;
        try (Session.Progress progress = session.progress()) {
            result =
                    Merge.run(
                            chain,
                            resolver,
                            out,
                            options,
                            keepIntermediates,
                            progress,
                            session.cancellation());
        }
        MergeReports.show(session, result);
        explain.forEach(file -> session.note("explained in " + file));
        return 0;
    }

    private void show(MergeChain chain, List<MergePlan> plans, MergeOptions options) {
        for (int i = 0; i < plans.size(); i++) {
            MergePlan plan = plans.get(i);
            new MergePlanReport(session, plan, MergeCost.of(plan, options))
                    .show(chain.links().get(i).name(), verbose);
        }
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
}
