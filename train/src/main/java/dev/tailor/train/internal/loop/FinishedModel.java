package dev.tailor.train.internal.loop;

import dev.tailor.core.AtomicWrite;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Precision;
import dev.tailor.train.Tuning;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The model directory a stage leaves behind: complete, or not there at all.
final class FinishedModel {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private FinishedModel() {}

    /// Writes weights, configuration and what came with the base. After LoRA the adapter goes into
    /// `adapter/` and its product into the weights.
    static void write(
            Path output, Path base, CausalModel model, Tuning tuning, Precision precision) {
        AtomicWrite.directory(
                output,
                directory -> {
                    switch (tuning) {
                        case Tuning.Lora lora -> {
                            Path adapter = Files.createDirectory(directory.resolve("adapter"));
                            model.saveAdapter(adapter);
                            model.fuseAdapter();
                        }
                        case Tuning.Full full -> {}
                        case Tuning.Spectrum spectrum -> {}
                    }
                    model.save(directory, precision);
                    try (ModelDirectory parent = ModelDirectory.open(base)) {
                        parent.copySideFilesTo(directory);
                        writeGenerationConfig(directory, parent.config());
                    }
                });
    }

    /// transformers stops generating at the ids named here; a base without the file gets one.
    private static void writeGenerationConfig(Path directory, ObjectNode config)
            throws IOException {
        Path file = directory.resolve("generation_config.json");
        if (Files.exists(file)) {
            return;
        }
        ObjectNode generation = JSON.createObjectNode();
        for (String key : List.of("bos_token_id", "eos_token_id", "pad_token_id")) {
            JsonNode id = config.get(key);
            if (id != null && !id.isNull()) {
                generation.set(key, id);
            }
        }
        Files.writeString(
                file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(generation) + "\n");
    }
}
