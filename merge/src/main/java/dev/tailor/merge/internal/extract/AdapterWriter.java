package dev.tailor.merge.internal.extract;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Digest;
import dev.tailor.merge.ExtractedAdapter;
import dev.tailor.merge.ExtractionOptions;
import dev.tailor.merge.RankRule;
import dev.tailor.merge.internal.kernel.Matrix;
import dev.tailor.merge.internal.svd.LowRank;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Writes an extracted adapter as PEFT reads it, with its card and lineage.
///
/// @param factors by module
record AdapterWriter(
        ModelPair pair,
        ExtractionOptions options,
        ExtractedAdapter result,
        Map<String, LowRank> factors,
        SavedModules saved) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    void write(Path directory) {
        writeTensors(directory);
        writeJson(directory.resolve("adapter_config.json"), config());
        writeJson(directory.resolve("tailor.json"), lineage());
        AtomicWrite.text(
                directory.resolve("README.md"),
                new AdapterCard(pair.base(), pair.tuned(), options, result).text());
    }

    private void writeTensors(Path directory) {
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        factors.forEach((module, lowRank) -> {
            String name = "base_model.model." + module;
            put(tensors, name + ".lora_A.weight", lowRank.right());
            put(tensors, name + ".lora_B.weight", lowRank.left());
        });
        saved.tensors()
                .forEach((name, source) ->
                        tensors.put(
                                pair.after().info(source).named(name), pair.after().data(source)));
        SafetensorsWriter.writeFile(
                directory.resolve("adapter_model.safetensors"), tensors, Map.of());
    }

    private static void put(Map<TensorInfo, MemorySegment> tensors, String name, Matrix matrix) {
        tensors.put(
                TensorInfo.of(name, DType.F32, matrix.rows(), matrix.columns()),
                MemorySegment.ofArray(matrix.values()));
    }

    /// Alpha equals the rank everywhere, so that the product counts as it is, also for readers that
    /// do not know the patterns.
    private ObjectNode config() {
        int rank = result.rank();
        ObjectNode config = JSON.createObjectNode();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", pair.base().toString());
        config.put("r", rank);
        config.put("lora_alpha", rank);
        config.put("lora_dropout", 0.0);
        config.put("bias", saved.withBiases() ? "lora_only" : "none");
        config.put("fan_in_fan_out", false);
        config.put("use_rslora", false);
        config.put("use_dora", false);
        config.put("inference_mode", true);
        if (saved.modules().isEmpty()) {
            config.putNull("modules_to_save");
        } else {
            ArrayNode modules = config.putArray("modules_to_save");
            saved.modules().forEach(modules::add);
            config.put("ensure_weight_tying", pair.tiedEmbedding().isPresent());
        }
        ArrayNode targets = config.putArray("target_modules");
        targets().forEach(targets::add);
        ObjectNode ranks = config.putObject("rank_pattern");
        ObjectNode alphas = config.putObject("alpha_pattern");
        factors.forEach((module, lowRank) -> {
            if (lowRank.rank() != rank) {
                ranks.put(module, lowRank.rank());
                alphas.put(module, lowRank.rank());
            }
        });
        return config;
    }

    /// A kind of module (`q_proj`) where every one of its kind is adapted, otherwise full names:
    /// PEFT adapts whatever ends with what is listed.
    private TreeSet<String> targets() {
        TreeSet<String> partial = new TreeSet<>();
        for (TensorInfo info : pair.before().tensors()) {
            String name = info.name();
            if (name.endsWith(".weight")) {
                String module = name.substring(0, name.length() - ".weight".length());
                if (!factors.containsKey(module)) {
                    partial.add(kind(module));
                }
            }
        }
        TreeSet<String> targets = new TreeSet<>();
        for (String module : factors.keySet()) {
            targets.add(partial.contains(kind(module)) ? module : kind(module));
        }
        return targets;
    }

    private static String kind(String module) {
        return module.substring(module.lastIndexOf('.') + 1);
    }

    private ObjectNode lineage() {
        ObjectNode lineage = JSON.createObjectNode();
        lineage.put("stage", "adapter extract");
        switch (options.ranks()) {
            case RankRule.Fixed(int rank) -> lineage.put("rank", rank);
            case RankRule.Energy(double share, int maxRank) ->
                    lineage.put("energy", share).put("max_rank", maxRank);
        }
        lineage.put("seed", options.seed());
        ArrayNode parents = lineage.putArray("parents");
        for (Path model : List.of(pair.base(), pair.tuned())) {
            ObjectNode parent = parents.addObject();
            parent.put("model", model.toString());
            putDigests(parent.putObject("sha256"), model);
        }
        ArrayNode modules = lineage.putArray("modules");
        for (ExtractedAdapter.AdaptedModule module : result.modules()) {
            modules.addObject()
                    .put("module", module.name())
                    .put("rank", module.rank())
                    .put("kept_energy", module.keptEnergy())
                    .put("relative_error", module.relativeError())
                    .put("largest_singular_value", module.largestSingularValue());
        }
        return lineage;
    }

    private static void putDigests(ObjectNode digests, Path model) {
        try (Stream<Path> files = Files.list(model)) {
            List<Path> weights =
                    files.filter(file -> file.toString().endsWith(".safetensors"))
                            .sorted()
                            .toList();
            List<String> sums = weights.parallelStream().map(Digest::ofFile).toList();
            for (int i = 0; i < weights.size(); i++) {
                digests.put(weights.get(i).getFileName().toString(), sums.get(i));
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(model, e);
        }
    }

    private static void writeJson(Path file, ObjectNode json) {
        AtomicWrite.text(
                file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }
}
