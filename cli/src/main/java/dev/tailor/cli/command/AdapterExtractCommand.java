package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.merge.Adapters;
import dev.tailor.merge.MergeOptions;
import dev.tailor.workflow.model.ModelSource;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;

/// `tailor adapter extract`.
@Command(
        name = "extract",
        description = {"Find the adapter that stands for what a tuned model learnt.", ""},
        footer = {
            "",
            "The difference of every linear layer is approximated by a product of this rank",
            "(truncated singular value decomposition); what is left out is reported as a share.",
            "",
            "Examples:",
            "  tailor adapter extract ./base ./tuned ./adapter --rank 32"
        })
final class AdapterExtractCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "BASE", description = "The model before.")
    private String base = "";

    @Parameters(index = "1", paramLabel = "TUNED", description = "The model after.")
    private String tuned = "";

    @Parameters(index = "2", paramLabel = "OUT", description = "The PEFT directory to write.")
    private Path out = Path.of("");

    @Option(
            names = "--rank",
            required = true,
            paramLabel = "R",
            description = "Rank of the adapter.")
    private int rank;

    AdapterExtractCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        MergeOptions options = MergeOptions.standard().withThreads(session.options().threads());
        Adapters.Extraction extraction;
        try (Session.Progress progress = session.progress()) {
            extraction =
                    Adapters.extract(
                            ModelSource.parse(base).directory(),
                            ModelSource.parse(tuned).directory(),
                            out,
                            rank,
                            options,
                            progress,
                            session.cancellation());
        }
        render(extraction);
        return 0;
    }

    private void render(Adapters.Extraction extraction) {
        double worst =
                extraction.modules().values().stream().mapToDouble(share -> share).max().orElse(0);
        if (session.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("output", extraction.output().toString());
            json.put("rank", rank);
            json.put("worst_share_left_out", worst);
            ObjectNode modules = json.putObject("share_left_out");
            extraction.modules().forEach(modules::put);
            session.print(json);
        } else {
            extraction.notes().forEach(note -> session.note("note: " + note));
            session.print(
                    String.format(
                            Locale.ROOT,
                            "%s  rank %d, %d modules, at most %.1f %% of a difference left out",
                            extraction.output(),
                            rank,
                            extraction.modules().size(),
                            100 * worst));
        }
    }
}
