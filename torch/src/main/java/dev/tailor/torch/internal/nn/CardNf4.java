package dev.tailor.torch.internal.nn;

import dev.tailor.tensors.Nf4Tensor;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;

/// A weight in NF4 on a card: codes, two a byte, and the largest magnitude of each block of 64,
/// float32 (as double quantisation gives it back).
final class CardNf4 implements AutoCloseable {
    private static final int BLOCK = 64;
    private static final int BYTES = 256;
    private static final int CODES = 16;

    private final Kept memory = new Kept();
    private final long elements;
    private final Tensor codes;
    private final Tensor magnitudes;
    private final Tensor pairs;

    private CardNf4(long elements, Tensor codes, Tensor magnitudes, Tensor pairs) {
        this.elements = elements;
        this.codes = memory.keep(codes);
        this.magnitudes = memory.keep(magnitudes);
        this.pairs = memory.keep(pairs);
    }

    /// Copies a weight to the card.
    static CardNf4 of(Nf4Tensor weight) {
        return Scoped.call(() -> {
            MemorySegment bytes = weight.codes();
            Tensor codes =
                    Tensors.copy(
                            Tensors.view(bytes, ScalarType.Byte, bytes.byteSize()),
                            ScalarType.Byte);
            float[] magnitudes = new float[Math.toIntExact(Nf4Tensor.blocks(weight.elements()))];
            weight.scales().load(0, magnitudes.length, magnitudes);
            return new CardNf4(
                    weight.elements(),
                    Tensors.onDevice(codes),
                    Tensors.floats(magnitudes, magnitudes.length, 1),
                    Tensors.floats(pairs(), BYTES, 2));
        });
    }

    /// The two numbers that each byte stands for.
    private static float[] pairs() {
        float[] codebook = Nf4Tensor.codebook();
        float[] pairs = new float[2 * BYTES];
        for (int code = 0; code < BYTES; code++) {
            pairs[2 * code] = codebook[code / CODES];
            pairs[2 * code + 1] = codebook[code % CODES];
        }
        return pairs;
    }

    /// All numbers, `[elements]`. What is made on the way is gone when this returns.
    Tensor values(ScalarType type) {
        return Scoped.tensor(() -> {
            Tensor places = Tensors.cast(codes, ScalarType.Int);
            Tensor numbers = pairs.index_select(0, places).view(-1, BLOCK).mul_(magnitudes);
            return Tensors.cast(numbers.view(-1).narrow(0, 0, elements), type);
        });
    }

    @Override
    public void close() {
        memory.close();
    }
}
