package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.OptimizerSettings.Muon;
import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Map;

/// Muon (Jordan et al. 2024): Nesterov momentum whose singular values are all brought near 1.
final class MuonState extends ParameterState {
    /// The quintic whose slope at 0 is as steep as can be.
    private static final double A = 3.4445;

    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final int STEPS = 5;
    private static final double EPSILON = 1e-7;

    /// The size of a typical update of AdamW (Liu et al. 2025, section 2.2).
    private static final double ADAMW_SIZE = 0.2;

    private final Muon settings;
    private final Tensor momentum;

    MuonState(Parameter parameter, Muon settings) {
        super(parameter);
        this.settings = settings;
        this.momentum = keepZeros();
    }

    @Override
    Map<String, Tensor> memories() {
        return Map.of("momentum", momentum);
    }

    @Override
    void update(Tensor gradient, Step step) {
        Tensor direction = orthogonal(advance(gradient, step));
        double longer = Math.max(direction.size(0), direction.size(1));
        float rate = (float) (step.learningRate() * ADAMW_SIZE * Math.sqrt(longer));
        float shrink = step.shrink(settings.weightDecay());
        inPlace(
                direction,
                (tile, x, o, memories, n) -> {
                    for (int i = 0; i < n; i++) {
                        x[i] = x[i] * shrink - rate * o[i];
                    }
                });
    }

    /// Takes the gradient into the momentum and returns where Nesterov looks ahead to.
    private Tensor advance(Tensor gradient, Step step) {
        Tensor ahead = Tensors.copy(gradient, ScalarType.Float);
        Tiles aheads = Tiles.of(ahead);
        Tiles momenta = Tiles.of(momentum);
        float keep = (float) settings.momentum();
        float scale = (float) step.gradientScale();
        Parallel.rows(
                aheads.count(),
                (from, to) -> {
                    float[] g = new float[Tiles.SIZE];
                    float[] m = new float[Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        int n = aheads.load(t, g);
                        momenta.load(t, m);
                        for (int i = 0; i < n; i++) {
                            float scaled = g[i] * scale;
                            m[i] = keep * m[i] + (1 - keep) * scaled;
                            g[i] = keep * m[i] + (1 - keep) * scaled;
                        }
                        momenta.store(t, m);
                        aheads.store(t, g);
                    }
                });
        return ahead;
    }

    /// Newton-Schulz steps `X ← a X + (b X Xᵀ + c (X Xᵀ)²) X` on the matrix over its norm; the
    /// shorter side first, so that the products are small.
    static Tensor orthogonal(Tensor matrix) {
        boolean tall = matrix.size(0) > matrix.size(1);
        double norm = Math.max(Math.sqrt(squaredNorm(matrix)), EPSILON);
        Tensor x = (tall ? matrix.t() : matrix).div(new Scalar(norm)).contiguous();
        for (int step = 0; step < STEPS; step++) {
            Tensor gram = MatrixProduct.linear(x, x);
            Tensor inner = MatrixProduct.linear(gram, gram).mul_(new Scalar(C));
            inner.add_(gram, new Scalar(B));
            x = MatrixProduct.of(inner, x).add_(x, new Scalar(A));
        }
        return tall ? x.t().contiguous() : x;
    }
}
