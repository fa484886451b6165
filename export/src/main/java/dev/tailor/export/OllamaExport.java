package dev.tailor.export;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A directory that `ollama create NAME -f Modelfile` takes: a GGUF file and its Modelfile.
///
/// @param gguf what was exported
/// @param modelfile the file to give to Ollama
/// @param contents what stands in it
public record OllamaExport(ExportResult gguf, Path modelfile, Modelfile contents) {
    /// Exports a model; other files in the directory stay.
    ///
    /// @param directory made where it does not exist
    /// @throws TailorException as [GgufExport#export], and `TEMPLATE_INVALID`
    public static OllamaExport export(
            Path model,
            GgufOptions options,
            Path directory,
            Event.Listener listener,
            Cancellation cancellation) {
        String name =
                model.toAbsolutePath().normalize().getFileName()
                        + "-"
                        + options.type().label()
                        + ".gguf";
        // First what fails fast.
        Modelfile contents = Modelfile.of(model, "./" + name);
        create(directory);
        ExportResult gguf =
                GgufExport.export(model, options, directory.resolve(name), listener, cancellation);
        Path modelfile = directory.resolve("Modelfile");
        contents.write(modelfile);
        return new OllamaExport(gguf, modelfile, contents);
    }

    private static void create(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
    }
}
