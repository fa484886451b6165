package dev.tailor.torch;

import dev.tailor.core.Seed;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.internal.weights.WeightLayout;

import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A process of its own that trains a larger random model in NF4 for some steps. Prints the bytes
/// that the model's weights take in bfloat16, and the largest growth of resident memory from before
/// the model was loaded to the end of a step.
final class QuantisedStep {
    private static final int TILE = 1 << 20;

    private QuantisedStep() {}

    public static void main(String[] arguments) throws IOException {
        Path model = Path.of(arguments[0]).resolve("large");
        DecoderConfig config = write(model);
        System.out.println(2 * config.parameterCount());
        Torch.threads(1);
        warmUp(config);
        long before = resident();
        long most = 0;
        int[] tokens = new Random(1).ints(96, 0, config.vocabularySize()).toArray();
        PackedBatch batch = PackedBatch.nextToken(List.of(tokens));
        try (CausalModel quantised = CausalModel.loadQuantised(model, Precision.BFLOAT16, true)) {
            quantised.addAdapter(LoraConfig.of(8, 16), new Seed(1));
            try (Optimizer optimiser = new Optimizer(quantised, AdamWSettings.defaults(0))) {
                for (int step = 0; step < 2; step++) {
                    try (ForwardPass pass = quantised.forward(batch, Activations.KEEP, step)) {
                        pass.crossEntropyBackward(Differences.meanCoefficients(batch));
                        optimiser.step(1e-3, 1);
                        optimiser.zeroGradients();
                        most = Math.max(most, resident() - before);
                    }
                }
            }
        }
        System.out.println(most);
    }

    /// What the libraries take once has nothing to do with the model.
    private static void warmUp(DecoderConfig config) {
        ObjectNode small = config.json().put("num_hidden_layers", 1).put("hidden_size", 64);
        small.put("intermediate_size", 128).put("head_dim", 16);
        try (CausalModel model =
                CausalModel.initialise(DecoderConfig.of(small), Precision.BFLOAT16, new Seed(1))) {
            model.addAdapter(LoraConfig.of(8, 16), new Seed(1));
            LoraVariantTest.learn(model, 2);
        }
    }

    /// 78 million weights, in bfloat16.
    private static DecoderConfig write(Path directory) throws IOException {
        ObjectNode json;
        try (ModelDirectory golden = ModelDirectory.open(Golden.path("llama"))) {
            json = golden.config();
        }
        json.put("hidden_size", 1024).put("intermediate_size", 4096).put("num_hidden_layers", 5);
        json.put("num_attention_heads", 16).put("num_key_value_heads", 8).put("head_dim", 64);
        DecoderConfig config = DecoderConfig.of(json);
        Files.createDirectories(directory);
        List<TensorInfo> layout =
                WeightLayout.of(config).entrySet().stream()
                        .map(e -> new TensorInfo(e.getKey(), DType.BF16, e.getValue()))
                        .toList();
        try (Arena arena = Arena.ofConfined();
                SafetensorsWriter writer =
                        SafetensorsWriter.create(
                                directory,
                                layout,
                                SafetensorsWriter.DEFAULT_SHARD_BYTES,
                                Map.of())) {
            MemorySegment tile = arena.allocate(2L * TILE, 2);
            Random random = new Random(1);
            for (int i = 0; i < TILE; i++) {
                int bits = Float.floatToRawIntBits((random.nextFloat() - 0.5f) * 0.05f);
                tile.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (bits >>> 16));
            }
            for (TensorInfo info : layout) {
                for (long at = 0; at < info.bytes(); at += tile.byteSize()) {
                    long n = Math.min(tile.byteSize(), info.bytes() - at);
                    writer.write(info.name(), at, tile.asSlice(0, n));
                }
            }
            writer.finish();
        }
        ModelDirectory.writeConfig(directory, json);
        return config;
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .sum();
    }
}
