package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.text.Tokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Merges of two vocabularies against what mergekit made of them. New tokens are compared by their
/// spelling: mergekit numbers them in an order that changes from run to run.
class VocabularyGoldenTest {
    private static final MergeOptions OPTIONS = MergeOptions.standard().withThreads(2);
    private static final List<String> EMBEDDINGS =
            List.of("model.embed_tokens.weight", "lm_head.weight");

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {"tok-union-linear", "tok-union-ta", "tok-base-linear", "tok-model-linear"})
    void compat_recordedVocabularyMerge_sameBytesTokenByToken(String name) throws IOException {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan(name), output, OPTIONS.withCompat(true));
        Path expected = Golden.expected(name);
        Map<String, Integer> ours = vocabulary(output);
        Map<String, Integer> theirs = vocabulary(expected);
        assertThat(ours.keySet()).isEqualTo(theirs.keySet());
        try (Checkpoint got = Checkpoint.open(output);
                Checkpoint want = Checkpoint.open(expected)) {
            assertThat(got.tensors()).containsExactlyInAnyOrderElementsOf(want.tensors());
            for (TensorInfo info : want.tensors()) {
                if (!EMBEDDINGS.contains(info.name())) {
                    assertThat(got.data(info.name()).mismatch(want.data(info.name())))
                            .as(info.name())
                            .isEqualTo(-1);
                    continue;
                }
                theirs.forEach((token, id) ->
                        assertThat(
                                        row(got, info, ours.getOrDefault(token, -1))
                                                .mismatch(row(want, info, id)))
                                .as(info.name() + " " + token)
                                .isEqualTo(-1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tok-union-linear", "tok-union-ta", "tok-model-linear"})
    void standard_vocabularyMerge_isTheSinglePrecisionResultRoundedOnce(String name)
            throws IOException {
        Path rounded = directory.resolve("rounded");
        Path exact = directory.resolve("exact");
        Golden.run(Golden.plan(name), rounded, OPTIONS);
        String yaml = Files.readString(Golden.ROOT.resolve(name).resolve("config.yml"));
        Golden.run(
                Golden.planOf(yaml.replace("dtype: bfloat16", "dtype: float32")), exact, OPTIONS);
        try (Checkpoint ours = Checkpoint.open(rounded);
                Checkpoint truth = Checkpoint.open(exact)) {
            for (TensorInfo info : ours.tensors()) {
                float[] got = Conversions.toFloats(DType.BF16, ours.data(info.name()));
                float[] want = Conversions.toFloats(DType.F32, truth.data(info.name()));
                for (int i = 0; i < got.length; i++) {
                    assertThat(Math.abs(got[i] - want[i]))
                            .as("%s[%d]", info.name(), i)
                            .isLessThanOrEqualTo(Math.ulp(got[i]) * (1 << 16) / 2);
                }
            }
        }
    }

    @Test
    void union_recordedMerge_keepsTheBaseAndAddsMergesBehind() throws IOException {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan("tok-union-linear"), output, OPTIONS);
        Map<String, Integer> ours = vocabulary(output);
        vocabulary(Golden.ROOT.resolve("models/tokA-bf16"))
                .forEach((token, id) -> assertThat(ours).containsEntry(token, id));
        assertThat(ours)
                .containsEntry("an", 45)
                .containsEntry("ou", 46)
                .containsEntry("re", 47)
                .containsEntry("<|sys|>", 48);
        JsonNode model = json(output.resolve("tokenizer.json")).path("model");
        List<String> merges = new ArrayList<>();
        model.path("merges")
                .forEach(pair ->
                        merges.add(pair.path(0).asString() + " " + pair.path(1).asString()));
        assertThat(merges).containsExactly("t h", "h e", "i n", "e r", "a n", "o u", "r e");
        JsonNode config = json(output.resolve("config.json"));
        assertThat(config.path("vocab_size").asInt()).isEqualTo(49);
        try (Tokenizer tokenizer = Tokenizer.load(output)) {
            assertThat(tokenizer.encode("than our<|sys|>there", false))
                    .containsExactly(39, 45, 46, 20, 48, 39, 42, 7);
            assertThat(tokenizer.encode("</s><|im_start|>", false)).containsExactly(2, 43);
            assertThat(tokenizer.vocabularySize()).isEqualTo(49);
        }
    }

    @Test
    void zeroToken_asDocumented_isANewTokenWithAZeroRow() throws IOException {
        Path output = directory.resolve("out");
        Golden.run(Golden.plan("tok-zero"), output, OPTIONS);
        int id = vocabulary(output).getOrDefault("<|zero|>", -1);
        assertThat(id).isEqualTo(49);
        try (Checkpoint got = Checkpoint.open(output);
                Tokenizer tokenizer = Tokenizer.load(output)) {
            for (String name : EMBEDDINGS) {
                assertThat(got.info(name).shape()).containsExactly(50L, 32L);
                assertThat(Conversions.toFloats(DType.BF16, row(got, got.info(name), id)))
                        .containsOnly(0f);
            }
            assertThat(tokenizer.encode("a<|zero|>", false)).containsExactly(3, 49);
        }
    }

    private static MemorySegment row(Checkpoint checkpoint, TensorInfo info, int row) {
        long bytes = info.bytes() / info.shape().getFirst();
        return checkpoint.data(info.name()).asSlice(row * bytes, bytes);
    }

    private static Map<String, Integer> vocabulary(Path model) throws IOException {
        JsonNode root = json(model.resolve("tokenizer.json"));
        Map<String, Integer> ids = new LinkedHashMap<>();
        root.path("model")
                .path("vocab")
                .properties()
                .forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
        root.path("added_tokens")
                .forEach(entry ->
                        ids.put(entry.path("content").asString(), entry.path("id").asInt()));
        assertThat(new HashMap<>(ids).values()).doesNotHaveDuplicates();
        return ids;
    }

    private static JsonNode json(Path file) throws IOException {
        return new JsonMapper().readTree(Files.readString(file));
    }
}
