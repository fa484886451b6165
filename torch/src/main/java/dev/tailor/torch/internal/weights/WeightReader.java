package dev.tailor.torch.internal.weights;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

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

    private void require(Map<String, List<Long>> expected, boolean tiedHead) {
        expected.forEach((name, shape) -> {
            if (!checkpoint.contains(name)) {
                throw invalid("the checkpoint lacks a tensor its config.json asks for", name);
            }
            List<Long> found = checkpoint.info(name).shape();
            if (!found.equals(shape)) {
                throw invalid(
                        "the tensor has shape " + found + ", config.json asks for " + shape, name);
            }
        });
        for (String name : checkpoint.names()) {
            if (!expected.containsKey(name) && !isHarmless(name, tiedHead)) {
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

    /// A tensor in native memory of the given type.
    public Tensor read(String name, ScalarType type) {
        return Tensors.copy(view(name), type);
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
