package dev.tailor.export;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The recorded models and tokenizers, and what was recorded of them.
final class Golden {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Golden() {}

    static Path directory(String name) {
        try {
            return Path.of(Golden.class.getResource("/golden/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /// A copy of one of the variants, with the tokenizer they share.
    static Path variant(String name, Path parent) throws IOException {
        Path copy = copy(directory("variants/" + name), parent.resolve(name));
        Files.copy(directory("variants/tokenizer.json"), copy.resolve("tokenizer.json"));
        return copy;
    }

    static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return to;
    }

    /// A model of one tiny layer around a tokenizer, for tests that only look at tokens.
    static Path modelFor(ObjectNode tokenizer, Path directory) throws IOException {
        Files.createDirectories(directory);
        JSON.writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer);
        Files.writeString(
                directory.resolve("tokenizer_config.json"),
                """
                {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
                """);
        modelAround(directory);
        return directory;
    }

    /// Adds the model of one tiny layer to a directory that has a tokenizer.
    static void modelAround(Path directory) throws IOException {
        JsonNode tokenizer = JSON.readTree(directory.resolve("tokenizer.json").toFile());
        JsonNode vocabulary = tokenizer.path("model").path("vocab");
        int largest = vocabulary.size() - 1;
        for (JsonNode id : vocabulary) {
            largest = Math.max(largest, id.asInt(0));
        }
        for (JsonNode added : tokenizer.path("added_tokens")) {
            largest = Math.max(largest, added.path("id").asInt());
        }
        writeTinyModel(directory, largest + 1);
    }

    /// A Llama of random weights whose rows are whole blocks of every type: 8 layers, hidden 256,
    /// MLP 512, with the tokenizer of the variants.
    static Path wideModel(boolean tied, Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.copy(directory("variants/tokenizer.json"), directory.resolve("tokenizer.json"));
        ObjectNode config =
                JSON.createObjectNode()
                        .put("model_type", "llama")
                        .put("vocab_size", 64)
                        .put("hidden_size", 256)
                        .put("intermediate_size", 512)
                        .put("num_hidden_layers", 8)
                        .put("num_attention_heads", 4)
                        .put("num_key_value_heads", 2)
                        .put("max_position_embeddings", 64)
                        .put("tie_word_embeddings", tied);
        JSON.writeValue(directory.resolve("config.json").toFile(), config);
        List<TensorInfo> layout = new ArrayList<>();
        layout.add(TensorInfo.of("model.embed_tokens.weight", DType.F32, 64, 256));
        layout.add(TensorInfo.of("model.norm.weight", DType.F32, 256));
        if (!tied) {
            layout.add(TensorInfo.of("lm_head.weight", DType.F32, 64, 256));
        }
        for (int layer = 0; layer < 8; layer++) {
            String name = "model.layers." + layer + ".";
            layout.add(TensorInfo.of(name + "input_layernorm.weight", DType.F32, 256));
            layout.add(TensorInfo.of(name + "post_attention_layernorm.weight", DType.F32, 256));
            layout.add(TensorInfo.of(name + "self_attn.q_proj.weight", DType.F32, 256, 256));
            layout.add(TensorInfo.of(name + "self_attn.k_proj.weight", DType.F32, 128, 256));
            layout.add(TensorInfo.of(name + "self_attn.v_proj.weight", DType.F32, 128, 256));
            layout.add(TensorInfo.of(name + "self_attn.o_proj.weight", DType.F32, 256, 256));
            layout.add(TensorInfo.of(name + "mlp.gate_proj.weight", DType.F32, 512, 256));
            layout.add(TensorInfo.of(name + "mlp.up_proj.weight", DType.F32, 512, 256));
            layout.add(TensorInfo.of(name + "mlp.down_proj.weight", DType.F32, 256, 512));
        }
        Random random = new Random(3);
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(directory, layout, Long.MAX_VALUE, Map.of())) {
            for (TensorInfo info : layout) {
                float[] values = new float[(int) info.elements()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = info.shape().size() == 1 ? 1 : (float) random.nextGaussian(0, 0.05);
                }
                writer.write(info.name(), 0, MemorySegment.ofArray(values));
            }
            writer.finish();
        }
        return directory;
    }

    private static void writeTinyModel(Path directory, int rows) throws IOException {
        ObjectNode config =
                JSON.createObjectNode()
                        .put("model_type", "llama")
                        .put("vocab_size", rows)
                        .put("hidden_size", 32)
                        .put("intermediate_size", 32)
                        .put("num_hidden_layers", 1)
                        .put("num_attention_heads", 1)
                        .put("max_position_embeddings", 64)
                        .put("tie_word_embeddings", true);
        JSON.writeValue(directory.resolve("config.json").toFile(), config);
        List<TensorInfo> layout = new ArrayList<>();
        layout.add(TensorInfo.of("model.embed_tokens.weight", DType.BF16, rows, 32));
        layout.add(TensorInfo.of("model.norm.weight", DType.BF16, 32));
        String layer = "model.layers.0.";
        for (String norm : List.of("input_layernorm", "post_attention_layernorm")) {
            layout.add(TensorInfo.of(layer + norm + ".weight", DType.BF16, 32));
        }
        for (String matrix :
                List.of(
                        "self_attn.q_proj",
                        "self_attn.k_proj",
                        "self_attn.v_proj",
                        "self_attn.o_proj",
                        "mlp.gate_proj",
                        "mlp.up_proj",
                        "mlp.down_proj")) {
            layout.add(TensorInfo.of(layer + matrix + ".weight", DType.BF16, 32, 32));
        }
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(directory, layout, Long.MAX_VALUE, Map.of())) {
            for (TensorInfo info : layout) {
                writer.write(info.name(), 0, MemorySegment.ofArray(new byte[(int) info.bytes()]));
            }
            writer.finish();
        }
    }

    /// The same model with other, random MLP matrices.
    static Path withIntermediateSize(Path model, int size, Path directory) throws IOException {
        copy(model, directory);
        Files.delete(directory.resolve("model.safetensors"));
        ObjectNode config = (ObjectNode) JSON.readTree(model.resolve("config.json").toFile());
        JSON.writeValue(
                directory.resolve("config.json").toFile(), config.put("intermediate_size", size));
        List<TensorInfo> layout = new ArrayList<>();
        try (Checkpoint source = Checkpoint.open(model)) {
            for (TensorInfo info : source.tensors()) {
                layout.add(
                        switch (info.name().replaceAll("model.layers.\\d.mlp.(.*)_proj.*", "$1")) {
                            case "gate", "up" -> TensorInfo.of(info.name(), DType.BF16, size, 32);
                            case "down" -> TensorInfo.of(info.name(), DType.BF16, 32, size);
                            default -> info;
                        });
            }
        }
        Random random = new Random(3);
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(directory, layout, Long.MAX_VALUE, Map.of())) {
            for (TensorInfo info : layout) {
                float[] values = new float[(int) info.elements()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                MemorySegment bytes = MemorySegment.ofArray(new byte[(int) info.bytes()]);
                Conversions.fromFloat(DType.BF16, values, 0, bytes, 0, values.length);
                writer.write(info.name(), 0, bytes);
            }
            writer.finish();
        }
        return directory;
    }

    /// Changes a JSON file in place.
    static void edit(Path file, Consumer<ObjectNode> edit) {
        ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
        edit.accept(root);
        JSON.writeValue(file.toFile(), root);
    }

    static List<JsonNode> list(Path file) {
        List<JsonNode> nodes = new ArrayList<>();
        JSON.readTree(file.toFile()).forEach(nodes::add);
        return nodes;
    }

    static List<Integer> ids(JsonNode array) {
        List<Integer> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.asInt()));
        return ids;
    }

    static List<Float> floats(JsonNode array) {
        List<Float> floats = new ArrayList<>();
        array.forEach(number -> floats.add(number.floatValue()));
        return floats;
    }

    static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(text -> strings.add(text.asString()));
        return strings;
    }
}
