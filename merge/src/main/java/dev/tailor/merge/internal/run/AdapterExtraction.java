package dev.tailor.merge.internal.run;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.merge.Adapters;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.internal.svd.LowRank;
import dev.tailor.merge.internal.svd.Matrix;
import dev.tailor.merge.internal.tile.Workers;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/// Finds the adapter between two models, module by module, on all cores.
public record AdapterExtraction(
        Path base,
        Path tuned,
        int rank,
        MergeOptions options,
        Event.Listener listener,
        Cancellation cancellation) {
    private static final String STAGE = "extract";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// The matrices of the layers are linear; embeddings and the head are not adapted.
    private static final Pattern LINEAR =
            Pattern.compile(".*(?:layers|h|blocks|block|layer)\\.\\d+\\..+\\.weight");

    /// Writes the adapter's directory.
    public Adapters.Extraction write(Path output) {
        try (ModelDirectory from = ModelDirectory.open(base);
                ModelDirectory to = ModelDirectory.open(tuned);
                Workers workers = new Workers(options.threads())) {
            Checkpoint before = from.checkpoint();
            Checkpoint after = to.checkpoint();
            requireSameShapes(before, after);
            List<String> changed = changed(before, after, workers);
            List<TensorInfo> modules = modules(before, changed);
            Map<String, LowRank> factors = factors(before, after, modules, workers);
            AtomicWrite.directory(
                    output,
                    directory -> {
                        writeTensors(directory, modules, factors);
                        AtomicWrite.text(
                                directory.resolve("adapter_config.json"),
                                JSON.writerWithDefaultPrettyPrinter()
                                                .writeValueAsString(config(modules, factors))
                                        + "\n");
                    });
            Map<String, Double> errors = new TreeMap<>();
            factors.forEach((module, lowRank) -> errors.put(module, lowRank.error()));
            return new Adapters.Extraction(output, errors, notes(changed, modules));
        }
    }

    private void requireSameShapes(Checkpoint before, Checkpoint after) {
        for (TensorInfo info : before.tensors()) {
            if (!after.contains(info.name())
                    || !after.info(info.name()).shape().equals(info.shape())) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "the tensor '"
                                        + info.name()
                                        + "' is missing or has another shape than in the base")
                        .at(tuned)
                        .remedy("the tuned model must be a fine-tune of the base");
            }
        }
    }

    private List<String> changed(Checkpoint before, Checkpoint after, Workers workers) {
        List<TensorInfo> infos =
                before.tensors().stream().filter(info -> info.dtype().isFloat()).toList();
        boolean[] differs = new boolean[infos.size()];
        workers.run(
                infos.size(),
                (worker, i) -> {
                    cancellation.check();
                    String name = infos.get(i).name();
                    MemorySegment x = before.data(name);
                    MemorySegment y = after.data(name);
                    differs[i] =
                            before.info(name).dtype() == after.info(name).dtype()
                                    ? x.mismatch(y) >= 0
                                    : differs(infos.get(i).dtype(), x, after.info(name).dtype(), y);
                });
        List<String> changed = new ArrayList<>();
        for (int i = 0; i < differs.length; i++) {
            if (differs[i]) {
                changed.add(infos.get(i).name());
            }
        }
        if (changed.isEmpty()) {
            throw TailorException.of(ErrorCode.MODEL_INVALID, "both models have the same tensors")
                    .at(tuned)
                    .remedy("there is nothing to extract");
        }
        return changed;
    }

    private static boolean differs(DType xType, MemorySegment x, DType yType, MemorySegment y) {
        float[] a = Conversions.toFloats(xType, x);
        float[] b = Conversions.toFloats(yType, y);
        return !java.util.Arrays.equals(a, b);
    }

    /// The modules to adapt: every matrix whose kind changed in some layer, for PEFT adapts a kind
    /// in all layers.
    private List<TensorInfo> modules(Checkpoint before, List<String> changed) {
        TreeSet<String> kinds = new TreeSet<>();
        for (String name : changed) {
            if (isMatrix(before.info(name))) {
                kinds.add(kind(name));
            }
        }
        if (kinds.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID, "no linear layer differs from the base")
                    .at(tuned);
        }
        return before.tensors().stream()
                .filter(info -> isMatrix(info) && kinds.contains(kind(info.name())))
                .toList();
    }

    private static boolean isMatrix(TensorInfo info) {
        return info.dtype().isFloat()
                && info.shape().size() == 2
                && LINEAR.matcher(info.name()).matches();
    }

    /// `q_proj` of `model.layers.0.self_attn.q_proj.weight`.
    private static String kind(String tensor) {
        String module = module(tensor);
        return module.substring(module.lastIndexOf('.') + 1);
    }

    private static String module(String tensor) {
        return tensor.substring(0, tensor.length() - ".weight".length());
    }

    private Map<String, LowRank> factors(
            Checkpoint before, Checkpoint after, List<TensorInfo> modules, Workers workers) {
        LowRank[] found = new LowRank[modules.size()];
        AtomicInteger done = new AtomicInteger();
        workers.run(
                modules.size(),
                (worker, i) -> {
                    cancellation.check();
                    TensorInfo info = modules.get(i);
                    String name = info.name();
                    float[] difference = Conversions.toFloats(info.dtype(), before.data(name));
                    float[] target =
                            Conversions.toFloats(after.info(name).dtype(), after.data(name));
                    for (int j = 0; j < difference.length; j++) {
                        difference[j] = target[j] - difference[j];
                    }
                    Matrix matrix =
                            new Matrix(
                                    Math.toIntExact(info.shape().get(0)),
                                    Math.toIntExact(info.shape().get(1)),
                                    difference);
                    found[i] = LowRank.of(matrix, rank, new Seed(options.seed()).of(name));
                    int finished = done.incrementAndGet();
                    synchronized (listener) {
                        listener.on(
                                new Event.Step(
                                        STAGE,
                                        finished,
                                        modules.size(),
                                        Map.of("left_out", found[i].error())));
                    }
                });
        Map<String, LowRank> factors = new LinkedHashMap<>();
        for (int i = 0; i < found.length; i++) {
            factors.put(module(modules.get(i).name()), found[i]);
        }
        return factors;
    }

    private static void writeTensors(
            Path directory, List<TensorInfo> modules, Map<String, LowRank> factors) {
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        for (TensorInfo info : modules) {
            String module = module(info.name());
            LowRank lowRank = factors.get(module);
            if (lowRank == null) {
                throw new IllegalStateException("no factors for " + module);
            }
            String name = "base_model.model." + module;
            tensors.put(
                    TensorInfo.of(
                            name + ".lora_A.weight",
                            DType.F32,
                            lowRank.rank(),
                            info.shape().get(1)),
                    MemorySegment.ofArray(lowRank.right()));
            tensors.put(
                    TensorInfo.of(
                            name + ".lora_B.weight",
                            DType.F32,
                            info.shape().get(0),
                            lowRank.rank()),
                    MemorySegment.ofArray(lowRank.left()));
        }
        SafetensorsWriter.writeFile(
                directory.resolve("adapter_model.safetensors"), tensors, Map.of());
    }

    /// Alpha equals the rank everywhere, so that the product counts as it is.
    private ObjectNode config(List<TensorInfo> modules, Map<String, LowRank> factors) {
        ObjectNode config = JSON.createObjectNode();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", base.toString());
        config.put("r", rank);
        config.put("lora_alpha", rank);
        config.put("lora_dropout", 0.0);
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("use_rslora", false);
        config.put("use_dora", false);
        config.put("inference_mode", true);
        config.putNull("modules_to_save");
        ArrayNode kinds = config.putArray("target_modules");
        modules.stream().map(info -> kind(info.name())).distinct().sorted().forEach(kinds::add);
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

    private static List<String> notes(List<String> changed, List<TensorInfo> modules) {
        List<String> covered = modules.stream().map(TensorInfo::name).toList();
        List<String> left = changed.stream().filter(name -> !covered.contains(name)).toList();
        if (left.isEmpty()) {
            return List.of();
        }
        return List.of(
                left.size()
                        + " changed tensors are no linear layers, the adapter leaves them as in the"
                        + " base: "
                        + String.join(", ", left.subList(0, Math.min(5, left.size())))
                        + (left.size() > 5 ? ", ..." : ""));
    }
}
