package dev.tailor.torch;

import com.sun.management.OperatingSystemMXBean;

import dev.tailor.core.Seed;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Times training steps at the shape of a 135M model (hidden 576, 30 layers, 9 heads, 3 key-value
/// heads, MLP 1536, vocabulary 49 152, tied) on 4 × 512 tokens, or, with `SHAPE ROWS LENGTH DEVICE`
/// more, at one of [Shape] on a [ComputeDevice]. Not part of the suite; run with `bfloat16|float32
/// full|lora keep|recompute STEPS THREADS`.
final class TrainingBenchmark {
    private TrainingBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        Precision precision =
                arguments[0].equals("float32") ? Precision.FLOAT32 : Precision.BFLOAT16;
        boolean lora = arguments[1].equals("lora");
        Activations activations =
                arguments[2].equals("keep") ? Activations.KEEP : Activations.RECOMPUTE;
        int steps = Integer.parseInt(arguments[3]);
        Torch.threads(Integer.parseInt(arguments[4]));
        boolean standard = arguments.length == 5;
        Shape shape = standard ? Shape.SMALL : Shape.valueOf(arguments[5]);
        int rows = standard ? 4 : Integer.parseInt(arguments[6]);
        int length = standard ? 512 : Integer.parseInt(arguments[7]);
        if (!standard) {
            Torch.device(ComputeDevice.valueOf(arguments[8]));
        }
        PackedBatch batch = batch(rows, length, shape.vocabulary);
        float[] coefficients = new float[batch.size()];
        Arrays.fill(coefficients, -1f / batch.scored());
        try (CausalModel model = CausalModel.initialise(shape.config(), precision, new Seed(1))) {
            if (lora) {
                model.addAdapter(LoraConfig.of(16, 32), new Seed(2));
            } else {
                model.train(name -> true);
            }
            report("loaded", 0);
            try (Optimizer optimiser = new Optimizer(model, AdamWSettings.defaults(0.01))) {
                for (int step = 0; step < steps; step++) {
                    step(model, optimiser, batch, coefficients, activations);
                }
            }
        }
    }

    private static void step(
            CausalModel model,
            Optimizer optimiser,
            PackedBatch batch,
            float[] coefficients,
            Activations activations)
            throws IOException {
        long start = System.nanoTime();
        long startCpu = processorTime();
        long forward;
        long backward;
        double loss = 0;
        try (ForwardPass pass = model.forward(batch, activations, 0)) {
            forward = System.nanoTime();
            for (float logProb : pass.crossEntropyBackward(coefficients)) {
                loss -= logProb / batch.scored();
            }
            backward = System.nanoTime();
        }
        double norm = optimiser.gradientNorm();
        optimiser.step(1e-4, Math.min(1, 1 / norm));
        optimiser.zeroGradients();
        long end = System.nanoTime();
        System.out.printf("processor %.2f s ", (processorTime() - startCpu) / 1e9);
        System.out.printf(
                "forward %.2f backward %.2f optimiser %.2f loss %.8f norm %.6f ",
                (forward - start) / 1e9,
                (backward - forward) / 1e9,
                (end - backward) / 1e9,
                loss,
                norm);
        report("step", (end - start) / 1e9);
    }

    /// Nanoseconds of all threads together: on a busy machine half of it is the better estimate.
    private static long processorTime() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static void report(String what, double seconds) throws IOException {
        StringBuilder memory = new StringBuilder();
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS") || line.startsWith("VmHWM")) {
                memory.append(' ').append(line.replaceAll("\\s+", " "));
            }
        }
        System.out.printf("%s %.2f s%s%n", what, seconds, memory);
    }

    static PackedBatch batch(int rows, int length, int vocabulary) {
        SplittableRandom random = new SplittableRandom(3);
        int[] tokens = random.ints((long) rows * length, 0, vocabulary).toArray();
        int[] targets = Arrays.copyOfRange(tokens, 1, tokens.length + 1);
        int[] lengths = new int[rows];
        Arrays.fill(lengths, length);
        for (int row = 1; row <= rows; row++) {
            targets[row * length - 1] = PackedBatch.IGNORED;
        }
        return new PackedBatch(tokens, lengths, targets);
    }

    static DecoderConfig shape() {
        return Shape.SMALL.config();
    }

    /// Models that are timed.
    private enum Shape {
        /// 15M parameters.
        SMALLEST(32_064, 288, 6, 6, 6, 768, true),
        /// 135M parameters.
        SMALL(49_152, 576, 30, 9, 3, 1536, true),
        /// 1.1B parameters.
        LARGE(32_000, 2048, 22, 32, 4, 5632, false),
        /// As deep as the small one, and next to nothing to compute: what calls cost.
        THIN(256, 32, 30, 2, 1, 64, true);

        private final int vocabulary;
        private final int hidden;
        private final int layers;
        private final int heads;
        private final int keyValueHeads;
        private final int mlp;
        private final boolean tied;

        Shape(
                int vocabulary,
                int hidden,
                int layers,
                int heads,
                int keyValueHeads,
                int mlp,
                boolean tied) {
            this.vocabulary = vocabulary;
            this.hidden = hidden;
            this.layers = layers;
            this.heads = heads;
            this.keyValueHeads = keyValueHeads;
            this.mlp = mlp;
            this.tied = tied;
        }

        DecoderConfig config() {
            ObjectNode json = JsonMapper.shared().createObjectNode();
            json.putArray("architectures").add("LlamaForCausalLM");
            json.put("vocab_size", vocabulary).put("hidden_size", hidden);
            json.put("num_hidden_layers", layers).put("num_attention_heads", heads);
            json.put("num_key_value_heads", keyValueHeads).put("intermediate_size", mlp);
            json.put("max_position_embeddings", 4096).put("rms_norm_eps", 1e-5);
            json.put("tie_word_embeddings", tied);
            return DecoderConfig.of(json);
        }
    }
}
