package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.export.ExportResult;
import dev.tailor.export.GgufExport;
import dev.tailor.export.GgufOptions;
import dev.tailor.export.GgufType;
import dev.tailor.export.Modelfile;
import dev.tailor.export.Nf4Export;
import dev.tailor.export.OllamaExport;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `tailor export`.
@Command(
        name = "export",
        description = {
            "Write a model in another format: GGUF for llama.cpp and Ollama, NF4 for transformers.",
            ""
        },
        footer = {
            "",
            "Types: f32, f16, bf16 (exact for models trained in it), q8_0 (8.5 bits a weight),"
                    + " q6_k,",
            "q5_k_m, q5_k_s, q5_1, q5_0, q4_k_m, q4_k_s, q4_0. The written file is read back and",
            "compared with the model before it gets its name. A Modelfile for Ollama is written"
                    + " beside",
            "it.",
            "",
            "Examples:",
            "  tailor export ./model --gguf q8_0 -o model.gguf",
            "  tailor export ./model --ollama ./for-ollama",
            "  tailor export ./model --nf4 ./model-nf4",
            "  ollama create mine -f for-ollama/Modelfile"
        })
public final class ExportCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A model directory.")
    private String model = "";

    @Option(names = "--gguf", paramLabel = "TYPE", description = "Write GGUF in this type.")
    private @Nullable String gguf;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.gguf",
            description = "The file to write (default: MODEL-TYPE.gguf here).")
    private @Nullable Path output;

    @Option(
            names = "--ollama",
            paramLabel = "DIR",
            description = "Write a directory for 'ollama create' (q8_0 unless --gguf says else).")
    private @Nullable Path ollama;

    @Option(
            names = "--nf4",
            paramLabel = "DIR",
            description =
                    "Write a model directory in 4 bits (NF4) as bitsandbytes and transformers keep"
                            + " it.")
    private @Nullable Path nf4;

    @Option(
            names = "--pre-tokenizer",
            paramLabel = "NAME",
            description = "llama.cpp's name for the way text is split, where it is not recognised.")
    private @Nullable String preTokenizer;

    /// Exports within this session.
    public ExportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (nf4 != null && (gguf != null || ollama != null)) {
            throw TailorException.of(ErrorCode.USAGE, "--nf4 stands alone")
                    .remedy("export to GGUF with a command of its own");
        }
        if (nf4 != null) {
            return exportNf4(nf4);
        }
        if (gguf == null && ollama == null) {
            throw TailorException.of(
                            ErrorCode.USAGE,
                            "say what to export: --gguf TYPE, --ollama DIR or --nf4 DIR")
                    .remedy("for example --gguf q8_0 -o model.gguf");
        }
        GgufType type = GgufType.parse(gguf == null ? "q8_0" : gguf);
        Path directory = session.model(model).directory();
        GgufOptions options =
                new GgufOptions(type, Optional.ofNullable(preTokenizer), Optional.empty());
        try (Session.Progress progress = session.progress()) {
            render(
                    ollama != null
                            ? OllamaExport.export(
                                            directory,
                                            options,
                                            ollama,
                                            progress,
                                            session.cancellation())
                                    .gguf()
                            : exportFile(directory, options, progress));
        }
        return 0;
    }

    /// The GGUF file and, beside it, the Modelfile that Ollama needs.
    private ExportResult exportFile(
            Path directory, GgufOptions options, Session.Progress progress) {
        Path file = output != null ? output : standardName(directory, options.type());
        ExportResult result =
                GgufExport.export(directory, options, file, progress, session.cancellation());
        Modelfile.of(directory, "./" + file.getFileName()).write(file.resolveSibling("Modelfile"));
        return result;
    }

    private int exportNf4(Path target) {
        Nf4Export.Result result;
        try (Session.Progress progress = session.progress()) {
            result =
                    Nf4Export.export(
                            session.model(model).directory(),
                            target,
                            progress,
                            session.cancellation());
        }
        if (session.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("directory", result.directory().toString());
            json.put("bytes", result.bytes());
            json.put("matrices", result.matrices());
            json.put("parameters", result.parameters());
            json.put("bits_per_weight", result.bitsPerWeight());
            session.print(json);
        } else {
            session.print(
                    String.format(
                            Locale.ROOT,
                            "%s  %s, %d matrices in NF4, %.2f bits a weight",
                            result.directory(),
                            Figures.bytes(result.bytes()),
                            result.matrices(),
                            result.bitsPerWeight()));
        }
        return 0;
    }

    private static Path standardName(Path directory, GgufType type) {
        return Path.of(
                directory.toAbsolutePath().normalize().getFileName()
                        + "-"
                        + type.label()
                        + ".gguf");
    }

    private void render(ExportResult result) {
        if (session.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("file", result.file().toString());
            json.put("type", result.type().label());
            json.put("bytes", result.bytes());
            json.put("parameters", result.parameters());
            json.put("bits_per_weight", result.bitsPerWeight());
            json.put("max_absolute_error", result.maxAbsoluteError());
            json.put("relative_error", result.relativeError());
            session.print(json);
        } else {
            session.print(
                    String.format(
                            Locale.ROOT,
                            "%s  %s, %s weights, %.2f bits a weight, relative error %.2g",
                            result.file(),
                            Figures.bytes(result.bytes()),
                            Figures.count(result.parameters()),
                            result.bitsPerWeight(),
                            result.relativeError()));
        }
    }
}
