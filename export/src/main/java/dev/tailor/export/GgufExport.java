package dev.tailor.export;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.export.internal.gguf.GgufExporter;

import java.nio.file.Path;

/// Writes a model directory as one GGUF file (version 3) that llama.cpp and what is built on it
/// (Ollama, LM Studio, ...) run: weights, tokenizer and chat template.
///
/// The Llama family can be exported: `model_type` `llama` and `mistral`. Weights are streamed:
/// memory is a few rows, whatever the model's size. The written file is read back and compared with
/// the model before it gets its name.
public final class GgufExport {
    private GgufExport() {}

    /// Exports with everything recognised from the model.
    ///
    /// @throws TailorException `MODEL_INVALID` if weights, config and tokenizer do not fit together
    ///   or cannot be expressed, `FILE_NOT_FOUND` if one is missing, `DISK_FULL`, `INTERRUPTED`
    public static ExportResult export(
            Path model,
            GgufType type,
            Path file,
            Event.Listener listener,
            Cancellation cancellation) {
        return export(model, GgufOptions.of(type), file, listener, cancellation);
    }

    /// Exports with options.
    public static ExportResult export(
            Path model,
            GgufOptions options,
            Path file,
            Event.Listener listener,
            Cancellation cancellation) {
        return GgufExporter.export(model, options, file, listener, cancellation);
    }
}
