package dev.tailor.torch.internal.adapter;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.Dense;
import dev.tailor.torch.internal.nn.Linear;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.weights.WeightReader;

import org.bytedeco.pytorch.global.torch.ScalarType;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// An adapter as a PEFT directory: `adapter_config.json` and `adapter_model.safetensors`.
public final class PeftFiles {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final JsonMapper JSON = JsonMapper.shared();

    private PeftFiles() {}

    /// Writes an adapter into a directory, made if it does not exist.
    public static void write(Adapter adapter, Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
        Scoped.run(() -> {
            Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
            for (Parameter p : adapter.parameters()) {
                tensors.put(
                        new TensorInfo(p.name(), DType.F32, p.shape()), Tensors.memory(p.data()));
            }
            SafetensorsWriter.writeFile(
                    directory.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
        });
        var json =
                PeftConfig.write(
                        adapter.config(),
                        adapter.pairs().keySet().stream()
                                .map(module -> module.substring(module.lastIndexOf('.') + 1))
                                .collect(Collectors.toCollection(TreeSet::new)));
        AtomicWrite.text(
                directory.resolve(CONFIG),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    /// Reads an adapter for a model. Which modules it goes to is told by the tensors in the file.
    public static Adapter read(Path directory, Decoder decoder) {
        Path file = directory.resolve(CONFIG);
        Map<String, Adapter.Pair> pairs = new LinkedHashMap<>();
        var config = PeftConfig.read(json(file), file);
        Path weights = directory.resolve(WEIGHTS);
        if (!Files.isRegularFile(weights)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "the adapter has no weights")
                    .at(weights);
        }
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            int used = 0;
            WeightReader reader = new WeightReader(checkpoint);
            for (Linear linear : decoder.linears()) {
                String name = Adapter.PREFIX + linear.name();
                if (checkpoint.contains(name + A) && checkpoint.contains(name + B)) {
                    pairs.put(linear.name(), pair(linear.dense(), checkpoint, reader));
                    used += 2;
                }
            }
            if (used == 0 || used < checkpoint.names().size()) {
                throw unknown(checkpoint, pairs).at(weights);
            }
        }
        return new Adapter(config, pairs);
    }

    private static JsonNode json(Path file) {
        if (!Files.isRegularFile(file)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "not an adapter: no " + CONFIG)
                    .at(file.resolveSibling(""));
        }
        try {
            return JSON.readTree(file);
        } catch (JacksonException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "not JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    private static Adapter.Pair pair(Dense dense, Checkpoint checkpoint, WeightReader reader) {
        String name = Adapter.PREFIX + dense.name();
        List<Long> a = checkpoint.info(name + A).shape();
        List<Long> b = checkpoint.info(name + B).shape();
        List<Long> w = dense.weight().shape();
        if (a.size() != 2
                || b.size() != 2
                || !a.get(0).equals(b.get(1))
                || !a.get(1).equals(w.get(1))
                || !b.get(0).equals(w.get(0))) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "the adapter's A " + a + " and B " + b + " do not fit a weight of " + w)
                    .at(checkpoint.path() + ": " + name)
                    .remedy("use the base model that the adapter was trained on");
        }
        return Scoped.call(() ->
                new Adapter.Pair(
                        new Parameter(name + A, reader.read(name + A, ScalarType.Float)),
                        new Parameter(name + B, reader.read(name + B, ScalarType.Float))));
    }

    private static TailorException unknown(Checkpoint checkpoint, Map<String, Adapter.Pair> pairs) {
        String first =
                checkpoint.names().stream()
                        .filter(name ->
                                pairs.keySet().stream()
                                        .map(module -> Adapter.PREFIX + module)
                                        .noneMatch(m -> name.equals(m + A) || name.equals(m + B)))
                        .findFirst()
                        .orElse("no tensors at all");
        return TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "the adapter does not fit this model: nothing here for " + first)
                .remedy("use the base model that the adapter was trained on");
    }
}
