package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.Adapters;
import dev.tailor.merge.ExtractedAdapter;
import dev.tailor.merge.ExtractionOptions;
import dev.tailor.merge.RankRule;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `tailor adapter extract`.
@Command(
        name = "extract",
        description = {"Find the adapter that stands for what a tuned model learnt.", ""},
        footer = {
            "",
            "The difference of every linear layer is approximated by a product of low rank",
            "(truncated singular value decomposition). What is left out is reported layer by",
            "layer: with --json, in the adapter's README.md, and the worst ones here.",
            "",
            "Norms, biases, embeddings and the head have no low-rank factors: they stay as in",
            "the base, and are counted, unless --save-modules keeps those that changed.",
            "",
            "Examples:",
            "  tailor adapter extract ./base ./tuned ./adapter --rank 32",
            "  tailor adapter extract ./base ./tuned ./adapter --energy 0.95 --max-rank 64"
        })
final class AdapterExtractCommand implements Callable<Integer> {
    private static final int SHOWN = 5;
    private static final int MAX_RANK = 128;

    private final Session session;

    @Parameters(index = "0", paramLabel = "BASE", description = "The model before.")
    private String base = "";

    @Parameters(index = "1", paramLabel = "TUNED", description = "The model after.")
    private String tuned = "";

    @Parameters(index = "2", paramLabel = "OUT", description = "The PEFT directory to write.")
    private Path out = Path.of("");

    @Option(names = "--rank", paramLabel = "R", description = "The same rank for every layer.")
    private Optional<Integer> rank = Optional.empty();

    @Option(
            names = "--energy",
            paramLabel = "SHARE",
            description =
                    "Instead of --rank: the smallest rank of each layer that keeps this share of"
                            + " the difference's squared norm, for example 0.95.")
    private Optional<Double> energy = Optional.empty();

    @Option(
            names = "--max-rank",
            paramLabel = "N",
            description = "With --energy: where the ranks end (default: " + MAX_RANK + ").")
    private Optional<Integer> maxRank = Optional.empty();

    @Option(
            names = "--save-modules",
            description = "Put what changed beside linear layers into the adapter whole.")
    private boolean saveModules;

    AdapterExtractCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        ExtractionOptions options =
                ExtractionOptions.of(rule())
                        .withSaveModules(saveModules)
                        .withThreads(session.options().threads());
        ExtractedAdapter adapter;
        try (Session.Progress progress = session.progress()) {
            adapter =
                    Adapters.extract(
                            AdapterCommand.directory(session, base),
                            AdapterCommand.directory(session, tuned),
                            out,
                            options,
                            progress,
                            session.cancellation());
        }
        if (session.json()) {
            session.print(json(adapter));
        } else {
            show(adapter);
        }
        return 0;
    }

    private RankRule rule() {
        if (rank.isPresent() == energy.isPresent()) {
            throw TailorException.of(ErrorCode.USAGE, "give either --rank or --energy")
                    .remedy("see 'tailor adapter extract --help'");
        }
        if (rank.isPresent() && maxRank.isPresent()) {
            throw TailorException.of(ErrorCode.USAGE, "--max-rank goes with --energy")
                    .remedy("see 'tailor adapter extract --help'");
        }
        return energy.<RankRule>map(share -> new RankRule.Energy(share, maxRank.orElse(MAX_RANK)))
                .orElseGet(() -> new RankRule.Fixed(rank.orElse(0)));
    }

    private void show(ExtractedAdapter adapter) {
        adapter.notes().forEach(note -> session.note("note: " + note));
        List<ExtractedAdapter.AdaptedModule> worst = adapter.worst(SHOWN);
        int width = worst.stream().mapToInt(module -> module.name().length()).max().orElse(0);
        session.print(
                ("%-" + width + "s  rank     kept    error  largest singular value")
                        .formatted("worst modules"));
        for (ExtractedAdapter.AdaptedModule module : worst) {
            session.print(
                    String.format(
                            Locale.ROOT,
                            "%-" + width + "s  %4d  %5.1f %%  %5.1f %%  %.4g",
                            module.name(),
                            module.rank(),
                            100 * module.keptEnergy(),
                            100 * module.relativeError(),
                            module.largestSingularValue()));
        }
        session.print(
                "%s  %d modules, rank at most %d, %d tensors whole"
                        .formatted(
                                adapter.output(),
                                adapter.modules().size(),
                                adapter.rank(),
                                adapter.saved().size()));
    }

    private static ObjectNode json(ExtractedAdapter adapter) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("output", adapter.output().toString());
        json.put("rank", adapter.rank());
        json.put("worst_share_left_out", adapter.worst(1).getFirst().relativeError());
        ObjectNode shares = json.putObject("share_left_out");
        ArrayNode modules = json.putArray("modules");
        for (ExtractedAdapter.AdaptedModule module : adapter.modules()) {
            shares.put(module.name(), module.relativeError());
            modules.addObject()
                    .put("module", module.name())
                    .put("rank", module.rank())
                    .put("kept_energy", module.keptEnergy())
                    .put("relative_error", module.relativeError())
                    .put("largest_singular_value", module.largestSingularValue())
                    .put("exact", module.exact());
        }
        adapter.saved().forEach(json.putArray("saved")::add);
        adapter.leftOut().forEach(json.putArray("left_out")::add);
        adapter.notes().forEach(json.putArray("notes")::add);
        return json;
    }
}
