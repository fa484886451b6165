package dev.tailor.torch.internal;

import org.bytedeco.pytorch.Tensor;

import java.util.ArrayList;
import java.util.List;

/// Tensors that outlive the scope they were made in, until this is closed.
public final class Kept implements AutoCloseable {
    private final List<Tensor> tensors = new ArrayList<>();

    /// Keeps a tensor; keeping it twice is allowed.
    public Tensor keep(Tensor tensor) {
        tensor.retainReference();
        tensors.add(tensor);
        return tensor;
    }

    @Override
    public void close() {
        tensors.forEach(Tensor::releaseReference);
        tensors.clear();
    }
}
