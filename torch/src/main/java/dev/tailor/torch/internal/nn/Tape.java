package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Kept;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Records how values were made, so that derivatives can be carried back in reverse order.
///
/// Derivatives are written by hand rather than left to libtorch's autograd: what is kept for the
/// way back is then decided here, operation by operation (a norm's output, for one, is made again
/// instead of kept), frozen weights cost nothing, and sums over positions can be float32.
final class Tape implements AutoCloseable {
    private record Step(Value result, Consumer<Tensor> back) {}

    private final boolean recording;
    private final List<Value> values = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final Kept memory = new Kept();

    private Tape(boolean recording) {
        this.recording = recording;
    }

    /// A tape that records.
    static Tape recording() {
        return new Tape(true);
    }

    /// A tape that records nothing: forward only.
    static Tape off() {
        return new Tape(false);
    }

    /// Whether anything is recorded.
    boolean isRecording() {
        return recording;
    }

    /// A value that comes from outside; `wanted` if the derivative by it is needed.
    Value input(Tensor data, boolean wanted) {
        Value value = new Value(data, recording && wanted, null);
        values.add(value);
        return value;
    }

    /// The result of an operation. `wanted` if any of its inputs or weights wants a derivative;
    /// `back` receives the derivative by the result and passes it on.
    Value result(Tensor data, boolean wanted, Consumer<Tensor> back) {
        return result(data, wanted, null, back);
    }

    /// The result of an operation that is cheap to repeat: `again` makes it from values that are
    /// kept.
    Value result(
            Tensor data, boolean wanted, @Nullable Supplier<Tensor> again, Consumer<Tensor> back) {
        Value value = new Value(data, recording && wanted, recording ? again : null);
        if (recording) {
            values.add(value);
            if (wanted) {
                steps.add(new Step(value, back));
            }
        }
        return value;
    }

    /// Makes sure a value can be had on the way back: kept, unless it is cheap to make again.
    void keep(Value value) {
        if (recording) {
            value.keep();
        }
    }

    /// Frees a value now that the way forward is done with it, unless it is kept. Nothing else may
    /// stand in its memory.
    void spent(Value value) {
        value.spent();
    }

    /// Keeps a tensor that is not a value (a row's scale, say) for the way back.
    Tensor keep(Tensor tensor) {
        return recording ? memory.keep(tensor) : tensor;
    }

    /// Ends the way forward: everything that no operation asked to keep may go.
    void seal() {
        values.forEach(Value::seal);
    }

    /// Carries derivatives back through all steps and frees each value as soon as it is done with.
    void backward() {
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            Tensor gradient = step.result().gradient();
            if (gradient != null) {
                try (PointerScope scope = new PointerScope()) {
                    step.back().accept(gradient);
                }
            }
            step.result().release();
        }
        steps.clear();
    }

    @Override
    public void close() {
        values.forEach(Value::release);
        values.clear();
        steps.clear();
        memory.close();
    }
}
