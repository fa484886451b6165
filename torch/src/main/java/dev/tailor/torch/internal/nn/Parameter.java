package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A named weight with the gradient collected for it.
public final class Parameter implements Weight {
    private final String name;
    private final Kept memory = new Kept();
    private final Tensor data;
    private boolean trainable;
    private double learningRateFactor = 1;
    private @Nullable Tensor gradient;

    /// Takes a tensor as a frozen parameter, to where models compute.
    public Parameter(String name, Tensor data) {
        this.name = name;
        this.data = memory.keep(Tensors.onDevice(data));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Tensor data() {
        return data;
    }

    @Override
    public List<Long> shape() {
        List<Long> shape = new ArrayList<>();
        for (long i = 0; i < data.dim(); i++) {
            shape.add(data.size(i));
        }
        return List.copyOf(shape);
    }

    @Override
    public boolean trainable() {
        return trainable;
    }

    /// Decides whether it learns; drops the gradient.
    public void trainable(boolean learns) {
        trainable = learns;
        dropGradient();
    }

    /// What the learning rate is multiplied by for this parameter (LoRA+), 1 at first.
    public double learningRateFactor() {
        return learningRateFactor;
    }

    /// Sets what the learning rate is multiplied by.
    public void learningRateFactor(double factor) {
        learningRateFactor = factor;
    }

    /// What was collected since the last [#dropGradient].
    public Optional<Tensor> gradient() {
        return Optional.ofNullable(gradient);
    }

    /// Adds to the gradient. The first contribution is kept as it comes; from the second on the sum
    /// is float32, so that accumulating over micro-batches loses nothing.
    public void accumulate(Tensor contribution) {
        if (gradient == null) {
            contribution.retainReference();
            gradient = contribution;
            return;
        }
        gradientSum().add_(contribution);
    }

    /// The gradient as a float32 tensor to add to; zeros at first.
    public Tensor gradientSum() {
        if (gradient == null) {
            accumulate(
                    torch.zeros_like(
                            data, new TensorOptions(ScalarType.Float), new MemoryFormatOptional()));
        } else if (!Tensors.isFloat(gradient)) {
            Tensor sum = gradient.to(ScalarType.Float);
            sum.retainReference();
            gradient.releaseReference();
            gradient = sum;
        }
        return java.util.Objects.requireNonNull(gradient);
    }

    /// Forgets the gradient.
    public void dropGradient() {
        if (gradient != null) {
            gradient.releaseReference();
            gradient = null;
        }
    }

    @Override
    public void close() {
        dropGradient();
        memory.close();
    }
}
