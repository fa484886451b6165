package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.text.BpeSettings;
import dev.tailor.text.BpeTrainer;
import dev.tailor.text.Tokenizer;
import dev.tailor.text.WordSplit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Exported files in a real llama.cpp, against what transformers computed from the same models
/// (`src/test/resources/golden/README.md`).
class GgufInLlamaCppTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir Path directory;

    @Test
    void sewingModel_typesOf8BitsAndMore_answersAsInTransformers() throws Exception {
        Path model = Golden.directory("sewing");
        List<JsonNode> expected = Golden.list(model.resolve("expected.json"));
        List<LlamaCpp.Job> jobs = new ArrayList<>();
        for (GgufType type : List.of(GgufType.F32, GgufType.F16, GgufType.BF16, GgufType.Q8_0)) {
            Path file = export(model, GgufOptions.of(type));
            jobs.add(
                    new LlamaCpp.Job(
                            file.toString(),
                            expected.stream().map(e -> e.path("prompt").asString()).toList(),
                            false,
                            expected.stream().map(e -> Golden.ids(e.path("prompt_ids"))).toList(),
                            90));
        }

        List<LlamaCpp.Answer> answers = LlamaCpp.run(directory, jobs);

        for (LlamaCpp.Answer answer : answers) {
            assertThat(answer.tokens())
                    .isEqualTo(
                            expected.stream().map(e -> Golden.ids(e.path("prompt_ids"))).toList());
            assertThat(answer.generated())
                    .isEqualTo(
                            expected.stream().map(e -> Golden.ids(e.path("answer_ids"))).toList());
            assertThat(answer.answers())
                    .isEqualTo(expected.stream().map(e -> e.path("answer").asString()).toList());
        }
        List<Float> logits = new ArrayList<>();
        expected.forEach(e -> logits.addAll(Golden.floats(e.path("logits"))));
        // bf16 keeps this model's weights exactly, as f32 does; llama.cpp rounds activations for
        // it.
        assertThat(LlamaCpp.distance(answers.get(0).logits(), logits)).isLessThan(2e-4);
        assertThat(LlamaCpp.distance(answers.get(1).logits(), logits)).isLessThan(0.1);
        assertThat(LlamaCpp.distance(answers.get(2).logits(), logits)).isLessThan(0.5);
        assertThat(LlamaCpp.distance(answers.get(3).logits(), logits)).isLessThan(0.5);
    }

    @Test
    void wideModel_quantised_hasLogitsNearTheExactOnes() throws Exception {
        Path model = Golden.wideModel(false, directory.resolve("wide"));
        List<List<Integer>> prompts = List.of(List.of(5, 9, 30, 12, 7), List.of(40, 3));
        List<LlamaCpp.Job> jobs = new ArrayList<>();
        for (GgufType type : GgufType.values()) {
            jobs.add(LlamaCpp.Job.generate(export(model, GgufOptions.of(type)), prompts, 0));
        }

        List<LlamaCpp.Answer> answers = LlamaCpp.run(directory, jobs);

        Map<GgufType, Double> errors = new EnumMap<>(GgufType.class);
        for (GgufType type : GgufType.values()) {
            errors.put(
                    type,
                    relativeError(
                            answers.get(type.ordinal()).logits(), answers.getFirst().logits()));
        }
        // Many random layers make much of small errors, and llama.cpp rounds activations to 8 bits.
        assertThat(errors.get(GgufType.Q8_0)).isLessThan(0.05);
        assertThat(errors.get(GgufType.Q6_K)).isBetween(0.02, 0.15);
        for (GgufType type :
                List.of(GgufType.Q5_K_M, GgufType.Q5_K_S, GgufType.Q5_1, GgufType.Q5_0)) {
            assertThat(errors.get(type)).as(type.label()).isBetween(0.05, 0.3);
        }
        for (GgufType type : List.of(GgufType.Q4_K_M, GgufType.Q4_K_S, GgufType.Q4_0)) {
            assertThat(errors.get(type)).as(type.label()).isBetween(0.1, 0.55);
        }
    }

    private static double relativeError(List<Float> values, List<Float> exact) {
        double error = 0;
        double size = 0;
        for (int i = 0; i < exact.size(); i++) {
            error += Math.pow(values.get(i) - exact.get(i), 2);
            size += Math.pow(exact.get(i), 2);
        }
        return Math.sqrt(error / size);
    }

    @Test
    void variants_ofTheArchitecture_haveTheLogitsOfTransformers() throws Exception {
        List<String> names =
                List.of(
                        "untied",
                        "biases",
                        "wide_heads",
                        "rope_linear",
                        "rope_llama3",
                        "rope_yarn",
                        "rope_yarn_attention_factor");
        List<LlamaCpp.Job> jobs = new ArrayList<>();
        for (String name : names) {
            Path model = Golden.variant(name, directory);
            JsonNode expected = JSON.readTree(model.resolve("expected.json").toFile());
            jobs.add(
                    LlamaCpp.Job.generate(
                            export(model, GgufOptions.of(GgufType.F32)),
                            List.of(Golden.ids(expected.path("tokens"))),
                            0));
        }

        List<LlamaCpp.Answer> answers = LlamaCpp.run(directory, jobs);

        Map<String, Double> distances = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            JsonNode expected =
                    JSON.readTree(
                            directory.resolve(names.get(i)).resolve("expected.json").toFile());
            distances.put(
                    names.get(i),
                    LlamaCpp.distance(
                            answers.get(i).logits(), Golden.floats(expected.path("logits"))));
        }
        assertThat(distances)
                .allSatisfy((name, distance) -> assertThat(distance).isCloseTo(0, within(1e-3)));
    }

    @Test
    void everyKnownSplit_inLlamaCpp_givesTheIdsOfTokenizersLibrary() throws Exception {
        Path golden = Golden.directory("tokenizers/byte_level");
        JsonNode expected = JSON.readTree(golden.resolve("expected.json").toFile());
        List<String> texts = Golden.strings(expected.path("texts"));
        List<LlamaCpp.Job> jobs = new ArrayList<>();
        List<List<List<Integer>>> ids = new ArrayList<>();
        for (Map.Entry<String, JsonNode> split : expected.path("splits").properties()) {
            ObjectNode tokenizer =
                    (ObjectNode) JSON.readTree(golden.resolve("tokenizer.json").toFile());
            tokenizer.set("pre_tokenizer", split.getValue().path("pre_tokenizer"));
            ((ObjectNode) tokenizer.path("model"))
                    .set("ignore_merges", split.getValue().path("ignore_merges"));
            Path model = Golden.modelFor(tokenizer, directory.resolve(split.getKey()));
            ExportResult result = result(model, GgufOptions.of(GgufType.F16));
            assertThat(result.preTokenizer()).isEqualTo(split.getKey());
            assertThat(result.notes()).isEmpty();
            jobs.add(LlamaCpp.Job.tokenize(result.file(), texts));
            List<List<Integer>> perText = new ArrayList<>();
            split.getValue().path("ids").forEach(list -> perText.add(Golden.ids(list)));
            ids.add(perText);
        }

        List<LlamaCpp.Answer> answers = LlamaCpp.run(directory, jobs);

        for (int i = 0; i < jobs.size(); i++) {
            for (int text = 0; text < texts.size(); text++) {
                assertThat(answers.get(i).tokens().get(text))
                        .as("%s: %s", jobs.get(i).file(), texts.get(text))
                        .isEqualTo(ids.get(i).get(text));
            }
        }
    }

    @Test
    void tokenizersTrainedHere_inLlamaCpp_giveTheSameIds() throws Exception {
        List<String> texts =
                Golden.strings(
                        JSON.readTree(
                                        Golden.directory("tokenizers/byte_level")
                                                .resolve("expected.json")
                                                .toFile())
                                .path("texts"));
        List<LlamaCpp.Job> jobs = new ArrayList<>();
        List<List<List<Integer>>> expected = new ArrayList<>();
        for (WordSplit split : WordSplit.values()) {
            Path model = directory.resolve(split.name());
            Files.createDirectories(model);
            BpeTrainer trainer = new BpeTrainer(settings(split));
            texts.forEach(text -> trainer.add(text.repeat(3)));
            trainer.train(Cancellation.never()).save(model);
            Golden.modelAround(model);
            ExportResult result = result(model, GgufOptions.of(GgufType.F16));
            assertThat(result.notes()).isEmpty();
            jobs.add(LlamaCpp.Job.tokenize(result.file(), texts));
            try (Tokenizer tokenizer = Tokenizer.load(model)) {
                expected.add(
                        texts.stream()
                                .map(text ->
                                        IntStream.of(tokenizer.encode(text, false))
                                                .boxed()
                                                .toList())
                                .toList());
            }
        }

        List<LlamaCpp.Answer> answers = LlamaCpp.run(directory, jobs);

        for (int i = 0; i < jobs.size(); i++) {
            assertThat(answers.get(i).tokens()).as(jobs.get(i).file()).isEqualTo(expected.get(i));
        }
    }

    private static BpeSettings settings(WordSplit split) {
        BpeSettings chatMl = BpeSettings.chatMl(420);
        return new BpeSettings(
                chatMl.vocabularySize(),
                chatMl.specialTokens(),
                chatMl.bos(),
                chatMl.eos(),
                chatMl.pad(),
                false,
                split,
                2,
                Optional.empty());
    }

    @Test
    void sentencePieceVocabulary_inLlamaCpp_givesTheIdsOfTokenizersLibrary() throws Exception {
        Path golden = Golden.directory("tokenizers/sentencepiece");
        assertTokens(
                golden.resolve("tokenizer.json"),
                golden.resolve("expected.json"),
                "llama",
                t -> true);
    }

    @Test
    void unigramVocabulary_inLlamaCpp_givesTheIdsOfTokenizersLibrary() throws Exception {
        Path golden = Golden.directory("tokenizers/unigram");
        // llama.cpp adds the space before the first word even where there is one.
        assertTokens(
                golden.resolve("tokenizer.json"),
                golden.resolve("expected.json"),
                "t5",
                text -> !text.startsWith(" "));
    }

    @Test
    void phi3Vocabulary_inLlamaCpp_givesTheIdsOfTokenizersLibrary() throws Exception {
        Path tokenizer =
                Path.of(System.getProperty("tailor.shared", "absent"))
                        .resolve("data/tokenizers/phi-3-mini/tokenizer.json");
        assumeTrue(Files.exists(tokenizer), "needs the public tokenizer of Phi-3-mini");
        assertTokens(
                tokenizer,
                Golden.directory("tokenizers/phi-3-mini-expected.json"),
                "llama",
                text -> true);
    }

    private void assertTokens(Path tokenizer, Path golden, String kind, Predicate<String> compared)
            throws Exception {
        JsonNode expected = JSON.readTree(golden.toFile());
        List<String> texts = Golden.strings(expected.path("texts"));
        ObjectNode root = (ObjectNode) JSON.readTree(tokenizer.toFile());
        Path model = Golden.modelFor(root, directory.resolve("model"));
        ExportResult result = result(model, GgufOptions.of(GgufType.BF16));
        assertThat(result.tokenizer()).isEqualTo(kind);

        LlamaCpp.Answer answer =
                LlamaCpp.run(directory, List.of(LlamaCpp.Job.tokenize(result.file(), texts)))
                        .getFirst();

        for (int i = 0; i < texts.size(); i++) {
            if (compared.test(texts.get(i))) {
                assertThat(answer.tokens().get(i))
                        .as(texts.get(i))
                        .isEqualTo(Golden.ids(expected.path("ids").path(i)));
            }
        }
    }

    private ExportResult result(Path model, GgufOptions options) throws Exception {
        Path file =
                Files.createTempDirectory(directory, "gguf")
                        .resolve(model.getFileName() + "-" + options.type().label() + ".gguf");
        return GgufExport.export(model, options, file, Event.Listener.none(), Cancellation.never());
    }

    private Path export(Path model, GgufOptions options) throws Exception {
        return result(model, options).file();
    }
}
