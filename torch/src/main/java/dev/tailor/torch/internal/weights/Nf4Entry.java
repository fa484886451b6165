package dev.tailor.torch.internal.weights;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.Nf4Scales;
import dev.tailor.tensors.Nf4Tensor;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A weight that bitsandbytes quantised to NF4, as transformers writes it: the codes under the
/// weight's name, and beside it `.absmax`, `.quant_map`, with double quantisation `.nested_absmax`
/// and `.nested_quant_map`, and the rest as JSON in `.quant_state.bitsandbytes__nf4`.
record Nf4Entry(Checkpoint checkpoint, String name, JsonNode state) {
    private static final String STATE = ".quant_state.bitsandbytes__";
    private static final String NF4 = STATE + "nf4";
    private static final int BLOCK = 64;

    /// Whether a tensor's name is that of a quantised weight's state.
    static boolean isState(String tensor) {
        return tensor.contains(STATE);
    }

    /// Whether the weight is quantised so.
    static boolean exists(Checkpoint checkpoint, String name) {
        return checkpoint.contains(name + NF4);
    }

    static Nf4Entry read(Checkpoint checkpoint, String name) {
        byte[] json = checkpoint.data(name + NF4).toArray(ValueLayout.JAVA_BYTE);
        try {
            return new Nf4Entry(checkpoint, name, JsonMapper.shared().readTree(json));
        } catch (JacksonException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "not JSON: " + e.getOriginalMessage())
                    .at(checkpoint.path() + ": " + name + NF4)
                    .causedBy(e);
        }
    }

    /// The shape of the weight.
    List<Long> shape() {
        List<Long> shape = new ArrayList<>();
        state.path("shape").forEach(size -> shape.add(size.asLong()));
        return List.copyOf(shape);
    }

    /// The weight; what is not used where it lies goes to `memory`.
    Nf4Tensor tensor(SegmentAllocator memory) {
        requireFormat();
        long elements = shape().stream().reduce(1L, (a, b) -> a * b);
        long blocks = Nf4Tensor.blocks(elements);
        require(name, DType.U8, Math.ceilDiv(elements, 2));
        MemorySegment codes = memory.allocate(blocks * BLOCK / 2);
        codes.copyFrom(checkpoint.data(name));
        return new Nf4Tensor(elements, codes, scales(blocks));
    }

    private void requireFormat() {
        boolean known =
                state.path("blocksize").asInt(0) == BLOCK
                        && state.path("nested_blocksize").asInt(Nf4Scales.NESTED_BLOCK)
                                == Nf4Scales.NESTED_BLOCK
                        && hasMap(".quant_map", Nf4Tensor.codebook())
                        && (!isNested() || hasMap(".nested_quant_map", Nf4Scales.nestedCodebook()));
        if (!known) {
            throw invalid("NF4 with other blocks or codebooks than bitsandbytes' own", name)
                    .remedy("blocks must be of 64 numbers, with double quantisation of 256");
        }
    }

    private boolean hasMap(String part, float[] map) {
        require(name + part, DType.F32, map.length);
        float[] found = Conversions.toFloats(DType.F32, checkpoint.data(name + part));
        return Arrays.equals(found, map);
    }

    private boolean isNested() {
        return checkpoint.contains(name + ".nested_absmax");
    }

    private Nf4Scales scales(long blocks) {
        if (!isNested()) {
            require(name + ".absmax", DType.F32, blocks);
            return new Nf4Scales.Plain(checkpoint.data(name + ".absmax"));
        }
        require(name + ".absmax", DType.U8, blocks);
        require(name + ".nested_absmax", DType.F32, Math.ceilDiv(blocks, Nf4Scales.NESTED_BLOCK));
        return new Nf4Scales.Nested(
                checkpoint.data(name + ".absmax"),
                checkpoint.data(name + ".nested_absmax"),
                (float) state.path("nested_offset").asDouble());
    }

    private void require(String tensor, DType type, long elements) {
        if (checkpoint.info(tensor).dtype() != type
                || checkpoint.info(tensor).elements() != elements) {
            throw invalid(
                    "a quantised weight needs %d numbers of type %s here".formatted(elements, type),
                    tensor);
        }
    }

    private TailorException invalid(String what, String tensor) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what)
                .at(checkpoint.path() + ": " + tensor);
    }
}
