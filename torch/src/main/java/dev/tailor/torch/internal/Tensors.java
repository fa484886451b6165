package dev.tailor.torch.internal;

import dev.tailor.torch.ComputeDevice;
import dev.tailor.torch.Precision;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;

/// Tensors made from Java's memory and back.
public final class Tensors {
    /// Elements, of any type enough for what glibc adds: twice libtorch's alignment of 64 bytes.
    private static final long SPARE = 64;

    private Tensors() {}

    /// A pointer to memory that somebody else owns.
    private static final class Borrowed extends Pointer {
        Borrowed(long address) {
            this.address = address;
        }
    }

    /// The element type of a precision.
    public static ScalarType type(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> ScalarType.Float;
            case BFLOAT16 -> ScalarType.BFloat16;
        };
    }

    /// Whether a tensor holds float32. (Enums that come from native code are not the constants.)
    public static boolean isFloat(Tensor tensor) {
        return tensor.scalar_type().intern() == ScalarType.Float;
    }

    /// The tensor where models compute.
    public static Tensor onDevice(Tensor tensor) {
        return Native.device() == ComputeDevice.CUDA ? tensor.cuda() : tensor;
    }

    /// The tensor in the processor's memory.
    public static Tensor onHost(Tensor tensor) {
        return tensor.is_cuda() ? tensor.cpu() : tensor;
    }

    /// Uninitialised memory of the processor.
    public static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

    /// Uninitialised memory of a tensor's type and shape that ends a little before its block does:
    /// for tensors that go soon. glibc before 2.38 cannot put an aligned block where one of the
    /// same size was (it looks for room to align it in); where one of these was, it can.
    public static Tensor roomy(Tensor like) {
        return empty(like.scalar_type(), like.numel() + SPARE)
                .narrow(0, 0, like.numel())
                .view_as(like);
    }

    /// Zeros in the processor's memory.
    public static Tensor zeros(ScalarType type, long... shape) {
        return torch.zeros(shape, new TensorOptions(type));
    }

    /// A view of memory that must stay valid as long as the tensor is used.
    public static Tensor view(MemorySegment memory, ScalarType type, long... shape) {
        return torch.from_blob(new Borrowed(memory.address()), shape, new TensorOptions(type));
    }

    /// The memory of a tensor of the processor's; it must be contiguous, and the view ends with the
    /// tensor.
    public static MemorySegment memory(Tensor tensor) {
        if (tensor.is_cuda()) {
            throw new IllegalStateException("this tensor is on a card");
        }
        if (tensor.nbytes() == 0) {
            return MemorySegment.NULL;
        }
        return MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(tensor.nbytes());
    }

    /// The memory of a tensor, or of a copy of what is on a card; the view ends with the tensor or
    /// the scope.
    public static MemorySegment hostMemory(Tensor tensor) {
        return memory(onHost(tensor));
    }

    /// Fills a tensor, wherever it is, with values of its type.
    public static void fill(Tensor tensor, MemorySegment values) {
        long[] shape = LongStream.range(0, tensor.dim()).map(tensor::size).toArray();
        tensor.copy_(view(values, tensor.scalar_type(), shape));
    }

    /// A float32 tensor with these values, where models compute.
    public static Tensor floats(float[] values, long... shape) {
        return onDevice(floatsOnHost(values, shape));
    }

    /// A float32 tensor with these values in the processor's memory.
    public static Tensor floatsOnHost(float[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Float, shape);
        memory(tensor).copyFrom(MemorySegment.ofArray(values));
        return tensor;
    }

    /// A vector of indices, where models compute.
    public static Tensor indices(int[] values) {
        Tensor tensor = empty(ScalarType.Long, values.length);
        MemorySegment memory = memory(tensor);
        for (int i = 0; i < values.length; i++) {
            memory.setAtIndex(ValueLayout.JAVA_LONG, i, values[i]);
        }
        return onDevice(tensor);
    }

    /// The values as float32, row by row.
    public static float[] floats(Tensor tensor) {
        Tensor dense = onHost(cast(tensor, ScalarType.Float).contiguous());
        return memory(dense).toArray(ValueLayout.JAVA_FLOAT);
    }

    /// The tensor in another type, or itself if it has that type already.
    public static Tensor cast(Tensor tensor, ScalarType type) {
        return tensor.to(type);
    }

    /// A copy in own memory, even if the type is the same.
    public static Tensor copy(Tensor tensor, ScalarType type) {
        return tensor.to(type, false, true, new MemoryFormatOptional());
    }
}
