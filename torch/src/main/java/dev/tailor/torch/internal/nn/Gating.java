package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.GeGlu;
import dev.tailor.torch.internal.kernels.SwiGlu;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// `activation(gate) · up`, value by value.
enum Gating {
    /// With silu.
    SWIGLU {
        @Override
        void forward(float[] gate, float[] up) {
            SwiGlu.forward(gate, up);
        }

        @Override
        void backward(float[] gate, float[] up, float[] dy) {
            SwiGlu.backward(gate, up, dy);
        }

        @Override
        Tensor activation(Tensor gate) {
            return torch.silu(gate);
        }

        @Override
        Tensor activationBackward(Tensor gate, Tensor dy) {
            return torch.silu_backward(dy, gate);
        }
    },
    /// With GELU's approximation by tanh.
    GEGLU {
        @Override
        void forward(float[] gate, float[] up) {
            GeGlu.forward(gate, up);
        }

        @Override
        void backward(float[] gate, float[] up, float[] dy) {
            GeGlu.backward(gate, up, dy);
        }

        @Override
        Tensor activation(Tensor gate) {
            return torch.gelu(gate, TANH);
        }

        @Override
        Tensor activationBackward(Tensor gate, Tensor dy) {
            return torch.gelu_backward(dy, gate, TANH);
        }
    };

    private static final String TANH = "tanh";

    /// The activation by libtorch's operators.
    abstract Tensor activation(Tensor gate);

    /// The derivative by gate, given that by the activation.
    abstract Tensor activationBackward(Tensor gate, Tensor dy);

    /// Replaces gate by the product.
    abstract void forward(float[] gate, float[] up);

    /// Replaces gate and up by the derivatives by them.
    abstract void backward(float[] gate, float[] up, float[] dy);

    /// The product of `[positions, size]` each. Both inputs must be needed by nobody else.
    Value forward(Tape tape, Value gate, Value up) {
        boolean wanted = gate.wanted() || up.wanted();
        if (wanted) {
            tape.keep(gate);
            tape.keep(up);
        }
        return tape.result(
                product(gate.data(), up.data()),
                wanted,
                () -> product(gate.data(), up.data()),
                dy -> backward(gate, up, dy));
    }

    private Tensor product(Tensor gate, Tensor up) {
        if (Native.byOperators()) {
            return activation(gate).mul_(up);
        }
        Tensor y = Tensors.roomy(gate);
        Rows gates = Rows.of(gate);
        Rows ups = Rows.of(up);
        Rows ys = Rows.of(y);
        Parallel.rows(
                ys.count(),
                (first, last) -> {
                    float[] g = new float[ys.width()];
                    float[] u = new float[ys.width()];
                    for (int r = first; r < last; r++) {
                        gates.load(r, g);
                        ups.load(r, u);
                        forward(g, u);
                        ys.store(r, g);
                    }
                });
        return y;
    }

    /// The derivatives take the place of gate and up, which nothing needs any more.
    private void backward(Value gate, Value up, Tensor dy) {
        if (Native.byOperators()) {
            Tensor g = gate.data();
            up.accumulate(torch.mul(dy, activation(g)));
            gate.accumulate(activationBackward(g, torch.mul(dy, up.data())));
            return;
        }
        Rows gates = Rows.of(gate.data());
        Rows ups = Rows.of(up.data());
        Rows dys = Rows.of(dy);
        Parallel.rows(
                dys.count(),
                (first, last) -> {
                    float[] g = new float[dys.width()];
                    float[] u = new float[dys.width()];
                    float[] d = new float[dys.width()];
                    for (int r = first; r < last; r++) {
                        gates.load(r, g);
                        ups.load(r, u);
                        dys.load(r, d);
                        backward(g, u, d);
                        gates.store(r, g);
                        ups.store(r, u);
                    }
                });
        gate.accumulate(gate.data());
        up.accumulate(up.data());
    }
}
