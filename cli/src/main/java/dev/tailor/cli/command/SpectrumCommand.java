package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.train.SpectrumFiles;
import dev.tailor.train.SpectrumScan;
import dev.tailor.train.SpectrumSelection;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/// `tailor spectrum`.
@Command(
        name = "spectrum",
        description = {
            "Measure the signal-to-noise ratio of a model's layers and choose those worth"
                    + " training.",
            ""
        },
        footer = {
            "",
            "The chosen layers are written as YAML ('unfrozen_parameters'), as the original"
                    + " Spectrum",
            "tool does; 'tune: {spectrum: {file: FILE.yaml}}' of a recipe reads it. With --json,"
                    + " the",
            "ratio of every module is printed: {\"module\": {\"snr\": number, \"type\": text},"
                    + " ...}.",
            "",
            "Examples:",
            "  tailor spectrum ./model --top 25 -o layers.yaml",
            "  tailor spectrum ./model --top 50 --types mlp.down_proj,self_attn.o_proj",
            "  tailor spectrum ./model --json > ratios.json"
        })
public final class SpectrumCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A model directory.")
    private String model = "";

    @Option(
            names = "--top",
            paramLabel = "PERCENT",
            defaultValue = "25",
            description = "Share of the layers of each type to choose (default: ${DEFAULT-VALUE}).")
    private double top;

    @Option(
            names = "--types",
            split = ",",
            paramLabel = "TYPE",
            description = "Types of layers to scan (default: every matrix inside a layer).")
    private List<String> types = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.yaml",
            description = "Write the selection here (default: standard output).")
    private @Nullable Path output;

    /// Scans within this session.
    public SpectrumCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!(top > 0 && top <= 100)) {
            throw TailorException.of(
                    ErrorCode.USAGE, "--top must lie in (0, 100] percent, not " + top);
        }
        Path directory = session.model(model).directory();
        SpectrumScan scan;
        try (Session.Progress progress = session.progress()) {
            scan = SpectrumScan.of(directory, types, "spectrum", progress, session.cancellation());
        }
        SpectrumSelection selection = scan.selection(top);
        selection.remark().ifPresent(session::note);
        if (output != null) {
            AtomicWrite.text(output, SpectrumFiles.yaml(selection));
        }
        if (session.json()) {
            session.out().print(SpectrumFiles.json(scan));
        } else if (output == null) {
            session.out().print(SpectrumFiles.yaml(selection));
        } else {
            int chosen = selection.byType().values().stream().mapToInt(List::size).sum();
            session.note(
                    "%d of %d layers chosen, written to %s"
                            .formatted(chosen, scan.scores().size(), output));
        }
        return 0;
    }
}
