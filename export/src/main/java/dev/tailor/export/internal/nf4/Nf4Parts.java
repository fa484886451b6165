package dev.tailor.export.internal.nf4;

import dev.tailor.tensors.DType;
import dev.tailor.tensors.Nf4Scales;
import dev.tailor.tensors.Nf4Tensor;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.json.JsonMapper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tensors that stand for one doubly quantised weight in a checkpoint of bitsandbytes: the
/// codes under the weight's own name, two a byte; `.absmax`, a byte for each block of 64;
/// `.nested_absmax`, a float for each 256 of those; both codebooks; and the rest as JSON in bytes.
///
/// @param weight the weight as it was
public record Nf4Parts(TensorInfo weight) {
    private static final int BLOCK = 64;

    /// Room for the number in the JSON: its text is padded with spaces to a length that is known
    /// before the weight is quantised.
    private static final int OFFSET_WIDTH = 26;

    /// Names, types and shapes.
    public List<TensorInfo> layout() {
        long elements = weight.elements();
        long blocks = Nf4Tensor.blocks(elements);
        return List.of(
                TensorInfo.of(weight.name(), DType.U8, Math.ceilDiv(elements, 2), 1),
                TensorInfo.of(part("absmax"), DType.U8, blocks),
                TensorInfo.of(
                        part("nested_absmax"),
                        DType.F32,
                        Math.ceilDiv(blocks, Nf4Scales.NESTED_BLOCK)),
                TensorInfo.of(
                        part("nested_quant_map"), DType.F32, Nf4Scales.nestedCodebook().length),
                TensorInfo.of(part("quant_map"), DType.F32, Nf4Tensor.codebook().length),
                TensorInfo.of(part("quant_state.bitsandbytes__nf4"), DType.U8, state(0).length));
    }

    /// The bytes of each, by name.
    public Map<String, MemorySegment> bytes(Nf4Tensor quantised, Arena arena) {
        if (!(quantised.scales() instanceof Nf4Scales.Nested nested)) {
            throw new IllegalArgumentException("not doubly quantised: " + weight.name());
        }
        Map<String, MemorySegment> bytes = new LinkedHashMap<>();
        bytes.put(weight.name(), quantised.codes().asSlice(0, Math.ceilDiv(weight.elements(), 2)));
        bytes.put(part("absmax"), nested.codes());
        bytes.put(part("nested_absmax"), nested.absmax());
        bytes.put(part("nested_quant_map"), floats(Nf4Scales.nestedCodebook(), arena));
        bytes.put(part("quant_map"), floats(Nf4Tensor.codebook(), arena));
        bytes.put(
                part("quant_state.bitsandbytes__nf4"),
                arena.allocateFrom(ValueLayout.JAVA_BYTE, state(nested.offset())));
        return bytes;
    }

    private String part(String name) {
        return weight.name() + "." + name;
    }

    private static MemorySegment floats(float[] values, Arena arena) {
        MemorySegment segment = arena.allocate((long) values.length * Float.BYTES, Float.BYTES);
        for (int i = 0; i < values.length; i++) {
            segment.set(Nf4Scales.FLOAT, (long) i * Float.BYTES, values[i]);
        }
        return segment;
    }

    private byte[] state(float offset) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("quant_type", "nf4");
        state.put("blocksize", BLOCK);
        state.put("dtype", weight.dtype().torchName());
        state.put("shape", weight.shape());
        state.put("nested_blocksize", Nf4Scales.NESTED_BLOCK);
        state.put("nested_dtype", "float32");
        state.put("nested_offset", (double) offset);
        int shortest = JsonMapper.shared().writeValueAsString((double) offset).length();
        String json = JsonMapper.shared().writeValueAsString(state);
        String padding = " ".repeat(OFFSET_WIDTH - shortest);
        return (json + padding).getBytes(StandardCharsets.UTF_8);
    }
}
