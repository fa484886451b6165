package dev.tailor.tensors.internal;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// `model.safetensors.index.json`: which file of a sharded checkpoint holds which tensor.
public record ShardIndex(SortedMap<String, String> shardOfTensor) {
    /// The file's name.
    public static final String FILE_NAME = "model.safetensors.index.json";

    private static final long MAX_BYTES = 200_000_000;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /// Reads and checks an index. Shards must be plain names of files beside it.
    public static ShardIndex read(Path file) {
        JsonNode root = parse(file);
        if (!(root.get("weight_map") instanceof ObjectNode weightMap)) {
            throw Corrupt.file(file, "no 'weight_map' object");
        }
        SortedMap<String, String> shardOfTensor = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
            if (!entry.getValue().isString()) {
                throw Corrupt.tensor(file, entry.getKey(), "its shard must be a file name");
            }
            String shard = entry.getValue().stringValue();
            if (shard.isEmpty()
                    || shard.contains("/")
                    || shard.contains("\\")
                    || shard.indexOf('\0') >= 0
                    || shard.equals("..")
                    || shard.equals(".")) {
                throw Corrupt.tensor(
                        file,
                        entry.getKey(),
                        "shard "
                                + Corrupt.quote(shard)
                                + " is not the name of a file beside the index");
            }
            shardOfTensor.put(entry.getKey(), shard);
        }
        if (shardOfTensor.isEmpty()) {
            throw Corrupt.file(file, "the index names no tensor");
        }
        return new ShardIndex(shardOfTensor);
    }

    private static JsonNode parse(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw Corrupt.file(file, "the index is larger than " + MAX_BYTES + " bytes");
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw Corrupt.file(file, "not valid JSON: " + e.getOriginalMessage()).causedBy(e);
        } catch (IOException e) {
            throw Corrupt.file(file, "cannot read: " + e.getMessage()).causedBy(e);
        }
    }

    /// The index as the Hugging Face libraries write it.
    public String toJson(long totalParameters, long totalBytes) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("metadata")
                .put("total_parameters", totalParameters)
                .put("total_size", totalBytes);
        ObjectNode weightMap = root.putObject("weight_map");
        shardOfTensor.forEach(weightMap::put);
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }
}
