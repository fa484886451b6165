package dev.tailor.torch.internal.nn;

import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.TokenScores;
import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.Softmax;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The last norm and the output head, with log-probabilities of targets. Logits are made for scored
/// positions only and `chunk` rows at a time; on the way back they turn into their own derivative
/// in place.
final class Head {
    /// Rows of logits at a time: 25 MB for 256 rows, 49 152 tokens, bfloat16.
    static final int CHUNK = 256;

    /// Bytes of derivatives by logits that may be collected for one product with the hidden states:
    /// one long product rounds once where many short ones would round each time.
    private static final long BLOCK_BYTES = 128L << 20;

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
            int block = block();
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

        private int block() {
            if (!weight.trainable()) {
                return chunk;
            }
            long rowBytes = weight.data().size(0) * weight.data().element_size();
            long chunks = Math.max(1, BLOCK_BYTES / rowBytes / chunk);
            return (int) Math.min(rows.length, chunks * chunk);
        }

        private void block(int from, int to, float[] coefficients, Tensor dNormed) {
            Tensor h = normed.narrow(0, from, to - from);
            Tensor dLogits = Tensors.empty(h.scalar_type(), to - from, weight.data().size(0));
            for (int first = from; first < to; first += chunk) {
                int last = Math.min(first + chunk, to);
                Tensor part = dLogits.narrow(0, first - from, last - first);
                logits(first, last, new Into(part, coefficients));
                dNormed.narrow(0, first, last - first).copy_(MatrixProduct.of(part, weight.data()));
            }
            if (weight.trainable()) {
                weight.accumulate(MatrixProduct.of(dLogits.t(), h));
            }
        }

        /// Where derivatives by logits go.
        private record Into(Tensor derivatives, float[] coefficients) {}

        private void logits(int from, int to, @Nullable Into into) {
            Tensor h = normed.narrow(0, from, to - from);
            Tensor logits = MatrixProduct.linear(h, weight.data());
            MemorySegment memory = Tensors.memory(logits);
            MemorySegment target =
                    into == null ? MemorySegment.NULL : Tensors.memory(into.derivatives());
            DType type = Tensors.isFloat(logits) ? DType.F32 : DType.BF16;
            int width = (int) logits.size(1);
            Parallel.rows(
                    to - from,
                    (first, last) -> {
                        float[] row = new float[width];
                        long bytes = (long) width * type.bytes();
                        for (int r = first; r < last; r++) {
                            Conversions.toFloat(type, memory, r * bytes, row, 0, width);
                            row(row, from + r, into);
                            if (into != null) {
                                Conversions.fromFloat(type, row, 0, target, r * bytes, width);
                            }
                        }
                    });
        }

        private void row(float[] row, int index, @Nullable Into into) {
            int position = rows[index];
            int target = targets[position];
            if (findsLikeliest) {
                likeliest[position] = Softmax.likeliest(row, row.length);
            }
            float logSumExp = Softmax.logSumExp(row, row.length);
            logProbs[position] = row[target] - logSumExp;
            if (into != null) {
                float coefficient = into.coefficients()[position];
                Softmax.logProbGradient(row, row.length, logSumExp, coefficient, target);
            }
        }
    }
}
