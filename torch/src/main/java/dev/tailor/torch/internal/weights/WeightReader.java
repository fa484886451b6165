package dev.tailor.torch.internal.weights;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.Nf4Tensor;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Copies tensors from a checkpoint's memory map into native memory, converted on the way.
public final class WeightReader {
    private final Checkpoint checkpoint;

    /// Reads from an open checkpoint.
    public WeightReader(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /// Checks that the checkpoint holds exactly the tensors of a model, experts one by one or
    /// stacked, and returns a source of its weights by the names of [WeightLayout].
    public Function<String, Tensor> weights(DecoderConfig config, ScalarType type) {
        FusedExperts fused = FusedExperts.of(config, checkpoint);
        require(fused.expected(WeightLayout.of(config)), config.tiedHead());
        return name ->
                fused.part(name).map(part -> read(part, type)).orElseGet(() -> read(name, type));
    }

    /// As [#weights], but by [#infos] and unconverted, read without mapping: for work that streams
    /// over more than should stay resident.
    public Function<TensorInfo, Tensor> unconverted(DecoderConfig config) {
        FusedExperts fused = FusedExperts.of(config, checkpoint);
        require(fused.expected(WeightLayout.of(config)), config.tiedHead());
        return info ->
                fused.part(info.name())
                        .map(part -> read(part, ScalarType.Float))
                        .orElseGet(() -> stream(info.name()));
    }

    /// What [#unconverted] gives, by the names of [WeightLayout]; stacked experts as float32.
    public Map<String, TensorInfo> infos(DecoderConfig config) {
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        WeightLayout.of(config)
                .forEach((name, shape) ->
                        infos.put(
                                name,
                                checkpoint.contains(name)
                                        ? checkpoint.info(name)
                                        : new TensorInfo(name, DType.F32, shape)));
        return infos;
    }

    private void require(Map<String, List<Long>> expected, boolean tiedHead) {
        expected.forEach((name, shape) -> {
            if (!checkpoint.contains(name)) {
                throw invalid("the checkpoint lacks a tensor its config.json asks for", name);
            }
            List<Long> found =
                    Nf4Entry.exists(checkpoint, name)
                            ? Nf4Entry.read(checkpoint, name).shape()
                            : checkpoint.info(name).shape();
            if (!found.equals(shape)) {
                throw invalid(
                        "the tensor has shape " + found + ", config.json asks for " + shape, name);
            }
        });
        for (String name : checkpoint.names()) {
            if (!expected.containsKey(name)
                    && !isHarmless(name, tiedHead)
                    && !belongsToQuantised(name)) {
                throw invalid(
                        "the checkpoint holds a tensor its config.json knows nothing of", name);
            }
        }
    }

    /// A copy of a tied head and the tables of rotary frequencies that old checkpoints carry are
    /// left out, as transformers does.
    private static boolean isHarmless(String name, boolean tiedHead) {
        return name.endsWith(".rotary_emb.inv_freq") || (tiedHead && name.equals("lm_head.weight"));
    }

    /// Whether a tensor is a part of a quantised weight, such as
    /// `model.layers.0.mlp.up_proj.weight.absmax`.
    private boolean belongsToQuantised(String name) {
        int end = name.lastIndexOf(".weight.");
        return end >= 0 && Nf4Entry.exists(checkpoint, name.substring(0, end + ".weight".length()));
    }

    /// Refuses a checkpoint whose weights are quantised.
    public void requireUnquantised() {
        for (String name : checkpoint.names()) {
            if (Nf4Entry.isState(name)) {
                throw TailorException.of(ErrorCode.MODEL_INVALID, "the model is quantised already")
                        .at(checkpoint.path() + ": " + name)
                        .remedy(
                                "QLoRA needs the original weights, into which the result is fused;"
                                        + " name the model as it was before it was quantised");
            }
        }
    }

    /// A tensor in native memory of its own type, read without mapping it: for work that streams
    /// over more than should stay resident.
    public Tensor stream(String name) {
        TensorInfo info = checkpoint.info(name);
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        Tensor tensor = Tensors.empty(nativeType(info), shape);
        checkpoint.read(name, 0, Tensors.memory(tensor));
        return tensor;
    }

    /// A tensor of the given type where models compute. A weight in NF4 becomes the numbers it
    /// stands for.
    public Tensor read(String name, ScalarType type) {
        return Tensors.onDevice(
                Nf4Entry.exists(checkpoint, name)
                        ? dequantised(Nf4Entry.read(checkpoint, name), type)
                        : Tensors.copy(view(name), type));
    }

    private Tensor read(FusedExperts.Part part, ScalarType type) {
        Tensor tensor = view(part.tensor());
        Tensor expert = part.expert() < 0 ? tensor : tensor.select(0, part.expert());
        return Tensors.copy(expert.narrow(0, part.from(), part.rows()), type);
    }

    private Tensor view(String name) {
        TensorInfo info = checkpoint.info(name);
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        return Tensors.view(checkpoint.data(name), nativeType(info), shape);
    }

    private static Tensor dequantised(Nf4Entry entry, ScalarType type) {
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        Tensor tensor = Tensors.empty(ScalarType.Float, shape);
        try (Arena arena = Arena.ofConfined()) {
            Nf4Tensor values = entry.tensor(arena);
            values.dequantise(0, values.tiles(), DType.F32, Tensors.memory(tensor));
        }
        return Tensors.cast(tensor, type);
    }

    private ScalarType nativeType(TensorInfo info) {
        return switch (info.dtype()) {
            case F64 -> ScalarType.Double;
            case F32 -> ScalarType.Float;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case F8_E4M3 -> ScalarType.Float8_e4m3fn;
            case F8_E5M2 -> ScalarType.Float8_e5m2;
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                    throw invalid(
                            "weights of type " + info.dtype() + " are not numbers", info.name());
        };
    }

    private TailorException invalid(String what, String tensor) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what)
                .at(checkpoint.path() + ": " + tensor)
                .remedy("check that config.json and the weights belong to the same model");
    }

    /// The checkpoint's name of a native type.
    public static DType dtype(Tensor tensor) {
        return Tensors.isFloat(tensor) ? DType.F32 : DType.BF16;
    }
}
