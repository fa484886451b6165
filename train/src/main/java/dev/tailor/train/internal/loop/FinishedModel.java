package dev.tailor.train.internal.loop;

import dev.tailor.core.AtomicWrite;
import dev.tailor.data.DataKind;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.text.ChatTemplate;
import dev.tailor.torch.CausalModel;
import dev.tailor.train.Objective;
import dev.tailor.train.TrainRequest;
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
    /// `adapter/` and its product into the weights, after QLoRA into those of the base.
    static void write(TrainRequest request, CausalModel model) {
        AtomicWrite.directory(
                request.output(),
                directory -> {
                    switch (request.tuning()) {
                        case Tuning.Lora lora -> {
                            model.saveAdapter(directory.resolve("adapter"));
                            model.fuseAdapter();
                            model.save(directory, request.settings().precision());
                        }
                        case Tuning.Qlora qlora -> {
                            model.saveAdapter(directory.resolve("adapter"));
                            model.saveFused(request.base(), directory);
                        }
                        case Tuning.Full full ->
                                model.save(directory, request.settings().precision());
                        case Tuning.Spectrum spectrum ->
                                model.save(directory, request.settings().precision());
                    }
                    try (ModelDirectory parent = ModelDirectory.open(request.base())) {
                        parent.copySideFilesTo(directory);
                        writeGenerationConfig(directory, parent.config());
                    }
                    if (learnsConversations(request)) {
                        writeTemplate(directory);
                    }
                });
    }

    private static boolean learnsConversations(TrainRequest request) {
        return switch (request.objective()) {
            case Objective.CausalLm causal -> false;
            case Objective.Distillation distillation -> request.data().kind() != DataKind.TEXT;
            case Objective.Supervised supervised -> true;
            case Objective.Preference preference -> true;
            case Objective.Unpaired unpaired -> true;
        };
    }

    /// A model that learnt conversations must be asked with the template they were written in.
    private static void writeTemplate(Path directory) throws IOException {
        if (ChatTemplate.find(directory).isEmpty()) {
            Files.writeString(
                    directory.resolve("chat_template.jinja"), ChatTemplate.plain().source());
        }
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
