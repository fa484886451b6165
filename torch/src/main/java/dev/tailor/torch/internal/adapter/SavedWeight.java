package dev.tailor.torch.internal.adapter;

import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;

/// A weight of the model that learns in full as a part of an adapter, and the values it had before.
final class SavedWeight implements AutoCloseable {
    private final Parameter parameter;
    private final Kept memory = new Kept();
    private final Tensor other;
    private boolean learnt = true;

    /// Remembers a weight as it is.
    SavedWeight(Parameter parameter) {
        this.parameter = parameter;
        this.other =
                Scoped.call(() -> {
                    Tensor data = parameter.data();
                    return memory.keep(Tensors.copy(data, data.scalar_type()));
                });
    }

    Parameter parameter() {
        return parameter;
    }

    /// Gives the model the values that were learnt, or those of before.
    void use(boolean theLearnt) {
        if (learnt == theLearnt) {
            return;
        }
        learnt = theLearnt;
        Scoped.run(() -> {
            Tensor data = parameter.data();
            Tensor now = Tensors.copy(data, data.scalar_type());
            data.copy_(other);
            other.copy_(now);
        });
    }

    @Override
    public void close() {
        memory.close();
    }
}
