package dev.tailor.merge.internal.run;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Crc32;
import dev.tailor.core.Digest;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.tensors.ModelDirectory;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// Everything of a merged model beside its tensors: configuration, tokenizer, model card, lineage.
///
/// @param inputs the checksums of the tensors read, by model
/// @param files the checksums of the files written, by name
public record SideFileWriter(
        MergePlan plan,
        MergeOptions options,
        List<Map<String, Crc32>> inputs,
        Map<String, Crc32> files) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Those of a model whose tensors are not written yet.
    public static SideFileWriter ofPlan(MergePlan plan) {
        return new SideFileWriter(
                plan,
                MergeOptions.standard(),
                Collections.nCopies(plan.models().size(), Map.of()),
                Map.of());
    }

    /// Writes them into the directory of the model.
    public void write(Path directory) {
        ModelDirectory.writeConfig(directory, plan.outputConfig());
        Path donor = plan.models().get(plan.sideFileDonor()).directory();
        try (ModelDirectory model = ModelDirectory.open(donor)) {
            model.copySideFilesTo(directory);
        }
        new TokenizerWriter(directory).write(plan);
        text(directory.resolve("README.md"), new ModelCard(plan, options).text());
        text(
                directory.resolve("tailor.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(lineage(directory))
                        + "\n");
    }

    /// The directory is forced to the disk as a whole when it is complete.
    private static void text(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    private ObjectNode lineage(Path directory) {
        ObjectNode lineage = JSON.createObjectNode();
        lineage.put("stage", "merge");
        lineage.put("method", plan.config().method().key());
        lineage.put("seed", options.seed());
        lineage.put("rounding", options.compat() ? "each step" : "once");
        ArrayNode parents = lineage.putArray("parents");
        for (int i = 0; i < plan.models().size(); i++) {
            MergePlan.Model model = plan.models().get(i);
            ObjectNode parent = parents.addObject();
            parent.put("model", model.reference().text());
            ObjectNode sums = parent.putObject("tensors_crc32");
            inputs.get(i).forEach((tensor, sum) -> sums.put(tensor, sum.toString()));
            if (options.digests()) {
                putDigests(parent.putObject("sha256"), model.directory());
                model.adapter()
                        .ifPresent(path -> putDigests(parent.putObject("adapter_sha256"), path));
            }
        }
        ObjectNode sums = lineage.putObject("files_crc32");
        files.forEach((file, sum) -> sums.put(file, sum.toString()));
        if (options.digests()) {
            putDigests(lineage.putObject("files_sha256"), directory);
        }
        lineage.set("configuration", JSON.valueToTree(plan.config().source().plain()));
        return lineage;
    }

    private static void putDigests(ObjectNode digests, Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> relevant =
                    files.filter(Files::isRegularFile)
                            .filter(file -> isPartOfTheModel(file.getFileName().toString()))
                            .sorted()
                            .toList();
            List<String> sums = relevant.parallelStream().map(Digest::ofFile).toList();
            for (int i = 0; i < relevant.size(); i++) {
                digests.put(relevant.get(i).getFileName().toString(), sums.get(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isPartOfTheModel(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.equals("tailor.json")
                && (lower.endsWith(".safetensors") || lower.endsWith(".json"));
    }
}
