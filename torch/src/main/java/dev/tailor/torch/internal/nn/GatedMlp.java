package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.SwiGlu;

import org.bytedeco.pytorch.Tensor;

/// The gated feed-forward layer (Shazeer 2020): `down(silu(gate(x)) · up(x))`.
record GatedMlp(Linear gate, Linear up, Linear down) {
    Value forward(Tape tape, Value x, Dropout dropout) {
        Value g = gate.forward(tape, x, dropout);
        Value u = up.forward(tape, x, dropout);
        tape.spent(x);
        Value activated = activate(tape, g, u);
        Value y = down.forward(tape, activated, dropout);
        tape.spent(activated);
        return y;
    }

    private static Value activate(Tape tape, Value gate, Value up) {
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

    private static Tensor product(Tensor gate, Tensor up) {
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
                        SwiGlu.forward(g, u);
                        ys.store(r, g);
                    }
                });
        return y;
    }

    /// The derivatives take the place of gate and up, which nothing needs any more.
    private static void backward(Value gate, Value up, Tensor dy) {
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
                        SwiGlu.backward(g, u, d);
                        gates.store(r, g);
                        ups.store(r, u);
                    }
                });
        gate.accumulate(gate.data());
        up.accumulate(up.data());
    }
}
