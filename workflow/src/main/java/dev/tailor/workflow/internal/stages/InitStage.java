package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataSet;
import dev.tailor.data.Sample;
import dev.tailor.data.SampleReader;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.text.BpeSettings;
import dev.tailor.text.BpeTrainer;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Precision;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Stage;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Makes a new model: a tokenizer, a Llama configuration, and random weights.
final class InitStage {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String CHATML = "chatml";

    private InitStage() {}

    static Outcome run(Stage.Init stage, Workspace workspace, Assignment assignment) {
        Path result = assignment.result();
        AtomicWrite.deleteTree(result);
        try {
            Files.createDirectories(result);
        } catch (IOException e) {
            throw AtomicWrite.failure(result, e);
        }
        if (stage.tokenizer().isPresent()) {
            trainTokenizer(stage.tokenizer().get(), workspace, assignment);
        } else {
            ModelReference from = stage.tokenizerFrom().orElseThrow();
            copyTokenizer(
                    workspace
                            .models()
                            .source(from, stage.heading().place("tokenizer-from"))
                            .directory(),
                    result);
        }
        try (Tokenizer tokenizer = Tokenizer.load(result)) {
            ObjectNode config = config(stage.architecture(), tokenizer);
            Files.writeString(
                    result.resolve("generation_config.json"),
                    generationConfig(tokenizer).toPrettyString() + "\n");
            return weights(stage, DecoderConfig.of(config), result);
        } catch (IOException e) {
            throw AtomicWrite.failure(result, e);
        }
    }

    private static Outcome weights(Stage.Init stage, DecoderConfig config, Path result) {
        Seed seed = new Seed(stage.seed()).of(stage.id());
        try (CausalModel model = CausalModel.initialise(config, Precision.FLOAT32, seed)) {
            model.save(result, Precision.FLOAT32);
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("parameters", (double) config.parameterCount());
        metrics.put("vocabulary", (double) config.vocabularySize());
        return Outcome.of(metrics);
    }

    private static void trainTokenizer(
            Stage.NewTokenizer settings, Workspace workspace, Assignment assignment) {
        BpeTrainer trainer =
                new BpeTrainer(
                        BpeSettings.chatMl(settings.vocabulary())
                                .withChatTemplate(template(settings.chatTemplate(), workspace)));
        for (String name : settings.data()) {
            DataSet data = workspace.data().get(name);
            try (SampleReader reader = data.reader()) {
                for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                    assignment.cancellation().check();
                    switch (sample) {
                        case Sample.Text text -> trainer.add(text.text());
                        case Sample.Augmented text -> {
                            trainer.add(text.text());
                            text.pairs()
                                    .forEach(pair ->
                                            trainer.add(pair.question() + "\n" + pair.answer()));
                        }
                        case Sample.Chat _,
                                Sample.PromptCompletion _,
                                Sample.Preference _,
                                Sample.Unpaired _ ->
                                throw new IllegalStateException("not text: " + sample.origin());
                    }
                }
            }
        }
        trainer.train(assignment.cancellation()).save(assignment.result());
    }

    private static void copyTokenizer(Path from, Path to) {
        try (ModelDirectory model = ModelDirectory.open(from)) {
            model.copySideFilesTo(to);
        }
    }

    private static String template(String name, Workspace workspace) {
        try {
            if (!name.equals(CHATML)) {
                return Files.readString(workspace.recipe().directory().resolve(name));
            }
            try (InputStream in = InitStage.class.getResourceAsStream("chatml.jinja")) {
                if (in == null) {
                    throw new IllegalStateException("chatml.jinja is missing from the jar");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (java.nio.file.NoSuchFileException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no chat template")
                    .at(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// `config.json` as transformers writes it for a Llama model; the rotary base in both
    /// spellings.
    private static ObjectNode config(Stage.Architecture shape, Tokenizer tokenizer) {
        ObjectNode config = JSON.createObjectNode();
        config.putArray("architectures").add("LlamaForCausalLM");
        config.put("model_type", "llama");
        config.put("vocab_size", tokenizer.vocabularySize());
        config.put("hidden_size", shape.hiddenSize());
        config.put("intermediate_size", shape.intermediateSize());
        config.put("num_hidden_layers", shape.layers());
        config.put("num_attention_heads", shape.heads());
        config.put("num_key_value_heads", shape.keyValueHeads());
        config.put("head_dim", shape.hiddenSize() / shape.heads());
        config.put("max_position_embeddings", shape.context());
        config.put("rms_norm_eps", shape.normEpsilon());
        config.put("rope_theta", shape.ropeTheta());
        config.putObject("rope_parameters")
                .put("rope_type", "default")
                .put("rope_theta", shape.ropeTheta());
        config.put("tie_word_embeddings", shape.tieEmbeddings());
        config.put("initializer_range", shape.initializerRange());
        config.put("hidden_act", "silu");
        config.put("attention_bias", false);
        config.put("attention_dropout", 0.0);
        config.put("mlp_bias", false);
        config.put("use_cache", true);
        config.put("dtype", "float32");
        config.put("torch_dtype", "float32");
        put(config, "bos_token_id", tokenizer.bosId());
        put(config, "eos_token_id", tokenizer.eosId());
        put(config, "pad_token_id", tokenizer.padId());
        return config;
    }

    private static ObjectNode generationConfig(Tokenizer tokenizer) {
        ObjectNode config = JSON.createObjectNode();
        put(config, "bos_token_id", tokenizer.bosId());
        put(config, "eos_token_id", tokenizer.eosId());
        put(config, "pad_token_id", tokenizer.padId());
        return config;
    }

    private static void put(ObjectNode config, String key, OptionalInt id) {
        if (id.isPresent()) {
            config.put(key, id.getAsInt());
        }
    }
}
