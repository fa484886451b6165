package dev.tailor.train;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.data.DataSet;
import dev.tailor.data.DataSource;
import dev.tailor.torch.Activations;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;
import dev.tailor.train.internal.Golden;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// Trains on batches of ever other lengths and prints the bytes resident after every step, for a
/// test that watches them. Arguments: a directory to work in and the number of steps.
final class VaryingLengths {
    private VaryingLengths() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        Torch.threads(2);
        TrainRequest request =
                new TrainRequest(
                        "varying",
                        model(Files.createDirectory(directory.resolve("base"))),
                        directory.resolve("model"),
                        directory.resolve("work"),
                        new Objective.CausalLm(false),
                        Stages.LORA,
                        settings(Long.parseLong(arguments[1])),
                        DataSet.open(DataSource.of(documents(directory.resolve("text.jsonl")))),
                        Optional.empty(),
                        new Seed(42));
        Trainer.train(
                request,
                event -> {
                    if (event instanceof Event.Step step) {
                        System.out.println(step.metrics().get("memory_bytes").longValue());
                    }
                },
                Cancellation.never());
    }

    private static TrainSettings settings(long steps) {
        return new TrainSettings(
                256,
                1_000,
                OptionalLong.of(steps),
                4,
                1,
                1e-4,
                new Schedule.Constant(),
                0,
                AdamWSettings.defaults(0),
                1,
                Precision.FLOAT32,
                Activations.KEEP,
                0,
                0,
                0,
                Refinements.none());
    }

    /// A model with the golden tokenizer whose activations take some hundred megabytes.
    private static Path model(Path directory) throws IOException {
        try (CausalModel model = CausalModel.initialise(shape(), Precision.FLOAT32, new Seed(1))) {
            model.save(directory, Precision.FLOAT32);
        }
        for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
            Files.copy(Golden.LLAMA.resolve(name), directory.resolve(name));
        }
        return directory;
    }

    private static DecoderConfig shape() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.putArray("architectures").add("LlamaForCausalLM");
        json.put("vocab_size", 512).put("hidden_size", 128).put("num_hidden_layers", 12);
        json.put("num_attention_heads", 8).put("num_key_value_heads", 4);
        json.put("intermediate_size", 384).put("max_position_embeddings", 512);
        json.put("rms_norm_eps", 1e-5).put("tie_word_embeddings", true);
        return DecoderConfig.of(json);
    }

    /// 4 to 83 words each, in no order.
    private static Path documents(Path file) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            lines.append(
                    "{\"text\": \"%s\"}\n".formatted(Stages.words(new Seed(i), 4 + i * 37 % 80)));
        }
        return Files.writeString(file, lines);
    }
}
