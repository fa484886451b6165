package dev.tailor.torch.internal.nn;

import dev.tailor.tensors.DType;
import dev.tailor.tensors.Nf4Tensor;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.Precision;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// A weight that is kept in 4 bits and never learns (QLoRA, arXiv 2305.14314). Its values exist
/// only until another one of the model is asked for its own.
public final class Nf4Weight implements Weight {
    private final String name;
    private final List<Long> shape;
    private final Precision precision;
    private final Scratch scratch;
    private final Arena memory = Arena.ofShared();
    private final Nf4Tensor values;
    private final Optional<CardNf4> onCard;

    /// Quantises the numbers of a checkpoint's tensor.
    ///
    /// @param precision the number format of the values it gives
    /// @param scratch where they are made, one weight at a time
    public Nf4Weight(
            TensorInfo info,
            MemorySegment numbers,
            Precision precision,
            boolean doubleQuantisation,
            Scratch scratch) {
        this.scratch = scratch;
        this.name = info.name();
        this.shape = info.shape();
        this.precision = precision;
        this.values = Nf4Tensor.quantise(info.dtype(), numbers, doubleQuantisation, memory);
        this.onCard = Native.byOperators() ? Optional.of(CardNf4.of(values)) : Optional.empty();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Long> shape() {
        return shape;
    }

    @Override
    public Tensor data() {
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        if (onCard.isPresent()) {
            return onCard.get().values(Tensors.type(precision)).view(sizes);
        }
        DType type =
                switch (precision) {
                    case FLOAT32 -> DType.F32;
                    case BFLOAT16 -> DType.BF16;
                };
        MemorySegment target = scratch.bytes(values.elements() * type.bytes());
        Parallel.rows(values.tiles(), (from, to) -> values.dequantise(from, to, type, target));
        return Tensors.view(target, Tensors.type(precision), sizes);
    }

    @Override
    public boolean trainable() {
        return false;
    }

    @Override
    public void close() {
        onCard.ifPresent(CardNf4::close);
        memory.close();
        scratch.close();
    }
}
