package dev.tailor.torch.internal.nn;

import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.TokenScores;
import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.Softmax;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// The last norm and the output head, with log-probabilities of targets. Logits are made for scored
/// positions only and `chunk` rows at a time; on the way back they turn into their own derivative
/// in place.
final class Head {
    /// Rows of logits at a time: 25 MB for 256 rows, 49 152 tokens, bfloat16.
    static final int CHUNK = 256;

    private final RmsNorm norm;
    private final Parameter weight;
    private final int chunk;

    Head(RmsNorm norm, Parameter weight, int chunk) {
        this.norm = norm;
        this.weight = weight;
        this.chunk = chunk;
    }

    /// Whether anything here learns.
    boolean learns() {
        return norm.weight().trainable() || weight.trainable();
    }

    /// Logits of some rows of `[positions, hidden]`, as `[rows, vocabulary]`.
    Tensor logits(Tensor hidden) {
        return MatrixProduct.linear(norm.apply(hidden), weight.data());
    }

    /// Log-probabilities of targets, one per position, 0 where the target is negative.
    float[] logProbs(Tensor hidden, int[] targets) {
        return new Pass(hidden, targets).forward(false).logProbs();
    }

    /// Log-probabilities of targets and the likeliest tokens.
    TokenScores scores(Tensor hidden, int[] targets) {
        return new Pass(hidden, targets).forward(true);
    }

    /// The way back for `Σ coefficients[i] · logProbs[i]`: collects the gradients of the weights
    /// and stores the derivative by `hidden` into `gradient` (zeros before), if there is one.
    float[] backward(
            Tensor hidden, int[] targets, float[] coefficients, @Nullable Tensor gradient) {
        return new Pass(hidden, targets).backward(coefficients, gradient);
    }

    private final class Pass {
        private final int[] targets;
        private final int[] rows;
        private final Tensor picked;
        private final float[] scale;
        private final Tensor normed;
        private final Tensor operand;
        private final Tensor matrix;
        private final float[] logProbs;
        private final int[] likeliest;
        private boolean findsLikeliest;

        Pass(Tensor hidden, int[] targets) {
            this.targets = targets;
            int[] scored = new int[targets.length];
            int count = 0;
            for (int i = 0; i < targets.length; i++) {
                if (targets[i] >= 0) {
                    scored[count++] = i;
                }
            }
            rows = Arrays.copyOf(scored, count);
            picked =
                    count == targets.length
                            ? hidden
                            : hidden.index_select(0, Tensors.indices(rows));
            scale = new float[count];
            normed = norm.apply(picked, scale);
            operand = MatrixProduct.operand(normed);
            matrix = MatrixProduct.operand(weight.data());
            logProbs = new float[targets.length];
            likeliest = new int[targets.length];
            Arrays.fill(likeliest, PackedBatch.IGNORED);
        }

        TokenScores forward(boolean withLikeliest) {
            findsLikeliest = withLikeliest;
            for (int from = 0; from < rows.length; from += chunk) {
                int first = from;
                Scoped.run(() -> logits(first, Math.min(first + chunk, rows.length), null));
            }
            return new TokenScores(logProbs, likeliest);
        }

        float[] backward(float[] coefficients, @Nullable Tensor gradient) {
            if (rows.length == 0) {
                return logProbs;
            }
            Tensor dNormed = torch.empty_like(normed);
            if (weight.trainable()) {
                // Made first, so that what is made and freed around it leaves no gaps.
                weight.gradientSum();
            }
            int block = weight.trainable() ? 2 * chunk : chunk;
            for (int from = 0; from < rows.length; from += block) {
                int first = from;
                int last = Math.min(from + block, rows.length);
                Scoped.run(() -> block(first, last, coefficients, dNormed));
            }
            Tensor dPicked = norm.backward(picked, scale, dNormed);
            if (gradient != null) {
                gradient.index_copy_(0, Tensors.indices(rows), dPicked);
            }
            return logProbs;
        }

        private void block(int from, int to, float[] coefficients, Tensor dNormed) {
            Tensor dLogits = derivatives(from, to, coefficients, dNormed);
            if (weight.trainable()) {
                Tensor h = normed.narrow(0, from, to - from);
                MatrixProduct.addGradient(dLogits, h, weight.gradientSum());
            }
        }

        private Tensor derivatives(int from, int to, float[] coefficients, Tensor dNormed) {
            Tensor dLogits = logits(from, to, coefficients);
            dNormed.narrow(0, from, to - from).copy_(MatrixProduct.of(dLogits, matrix));
            return dLogits;
        }

        /// Logits, or in their place the derivatives by them.
        private Tensor logits(int from, int to, float @Nullable [] coefficients) {
            Tensor logits = MatrixProduct.linear(operand.narrow(0, from, to - from), matrix);
            Rows all = Rows.of(logits);
            Parallel.rows(
                    to - from,
                    (first, last) -> {
                        float[] row = new float[all.width()];
                        for (int r = first; r < last; r++) {
                            all.load(r, row);
                            row(row, from + r, coefficients);
                            if (coefficients != null) {
                                all.store(r, row);
                            }
                        }
                    });
            return logits;
        }

        private void row(float[] row, int index, float @Nullable [] coefficients) {
            int position = rows[index];
            int target = targets[position];
            if (findsLikeliest) {
                likeliest[position] = Softmax.likeliest(row, row.length);
            }
            float logSumExp = Softmax.logSumExp(row, row.length);
            logProbs[position] = row[target] - logSumExp;
            if (coefficients != null) {
                float coefficient = coefficients[position];
                Softmax.logProbGradient(row, row.length, logSumExp, coefficient, target);
            }
        }
    }
}
