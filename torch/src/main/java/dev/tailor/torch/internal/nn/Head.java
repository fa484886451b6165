package dev.tailor.torch.internal.nn;

import dev.tailor.torch.LogitLoss;
import dev.tailor.torch.LogitReader;
import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.TokenScores;
import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.Softmax;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// The last norm and the output head, with log-probabilities of targets. Logits are made for scored
/// positions only and `chunk` rows at a time; on the way back they turn into their own derivative
/// in place.
final class Head {
    /// Rows of logits at a time: 25 MB for 256 rows, 49 152 tokens, bfloat16.
    static final int CHUNK = 256;

    private final RmsNorm norm;
    private final Parameter weight;
    private final LogitScale scale;
    private final int chunk;

    Head(RmsNorm norm, Parameter weight, LogitScale scale, int chunk) {
        this.norm = norm;
        this.weight = weight;
        this.scale = scale;
        this.chunk = chunk;
    }

    /// Whether anything here learns.
    boolean learns() {
        return norm.weight().trainable() || weight.trainable();
    }

    /// Logits of some rows of `[positions, hidden]`, as `[rows, vocabulary]`.
    Tensor logits(Tensor hidden) {
        return scale.apply(MatrixProduct.linear(norm.apply(hidden), weight.data()));
    }

    /// Shows the logits of the wanted rows of `[positions, hidden]` to a reader, as many at a time
    /// as the head makes.
    void read(Tensor hidden, List<Wanted> wanted, LogitReader reader) {
        for (int from = 0; from < wanted.size(); from += chunk) {
            List<Wanted> part = wanted.subList(from, Math.min(from + chunk, wanted.size()));
            Scoped.run(() -> readPart(hidden, part, reader));
        }
    }

    private void readPart(Tensor hidden, List<Wanted> part, LogitReader reader) {
        Tensor picked = rows(hidden, part.stream().mapToInt(Wanted::row).toArray());
        Rows products =
                Rows.of(Tensors.onHost(MatrixProduct.linear(norm.apply(picked), weight.data())));
        Parallel.rows(
                part.size(),
                (first, last) -> {
                    float[] row = new float[products.width()];
                    for (int r = first; r < last; r++) {
                        products.load(r, row);
                        scale.apply(row);
                        reader.at(part.get(r).piece(), part.get(r).position(), row);
                    }
                });
    }

    /// The matrix that normed rows are multiplied by; products are logits once they are scaled.
    Tensor matrix() {
        return MatrixProduct.operand(weight.data());
    }

    /// Makes logits of a row of products.
    void scale(float[] row) {
        scale.apply(row);
    }

    /// The scored positions of `[positions, hidden]`, normed.
    Tensor normed(Tensor hidden, int[] targets) {
        return MatrixProduct.operand(norm.apply(rows(hidden, scored(targets))));
    }

    /// Which positions are scored.
    static int[] scored(int[] targets) {
        return IntStream.range(0, targets.length).filter(i -> targets[i] >= 0).toArray();
    }

    /// Some rows of a matrix.
    static Tensor rows(Tensor all, int[] rows) {
        return rows.length == all.size(0) ? all : all.index_select(0, Tensors.indices(rows));
    }

    /// Log-probabilities of targets, one per position, 0 where the target is negative.
    float[] logProbs(Tensor hidden, int[] targets) {
        return scores(hidden, targets, false).logProbs();
    }

    /// Log-probabilities of targets and the likeliest tokens.
    TokenScores scores(Tensor hidden, int[] targets) {
        return scores(hidden, targets, true);
    }

    private TokenScores scores(Tensor hidden, int[] targets, boolean withLikeliest) {
        Targets scored = new Targets(targets, withLikeliest);
        if (Native.byOperators()) {
            new Pass(hidden, targets).forwardByOperators(scored::score);
            return scored.scores();
        }
        new Pass(hidden, targets)
                .forward((from, to) -> () -> (index, position, row) -> scored.score(position, row));
        return scored.scores();
    }

    /// The way back for `Σ coefficients[i] · logProbs[i]`: collects the gradients of the weights
    /// and stores the derivative by `hidden` into `gradient` (zeros before), if there is one.
    float[] backward(Tensor hidden, int[] targets, float[] coefficients, Below below) {
        Targets scored = new Targets(targets, false);
        if (Native.byOperators()) {
            new Pass(hidden, targets)
                    .backwardByOperators(
                            (rows, logits) -> scored.back(rows, logits, coefficients), below);
            return scored.scores().logProbs();
        }
        new Pass(hidden, targets)
                .backward(
                        (from, to) ->
                                () ->
                                        (index, position, row) ->
                                                scored.back(position, row, coefficients),
                        below);
        return scored.scores().logProbs();
    }

    /// The same for a loss of whole rows.
    void backward(
            Tensor hidden,
            int[] targets,
            Optional<HeadStates> teacher,
            LogitLoss loss,
            Below below) {
        new Pass(hidden, targets).backward(beside(teacher, loss), below);
    }

    /// Where the way back goes on below the head.
    ///
    /// @param gradient receives the derivative by the hidden states, zeros before; null where
    ///   nothing below learns
    /// @param ofNormed what else goes back into the normed states of scored positions; empty for
    ///   nothing
    record Below(@Nullable Tensor gradient, float[] ofNormed) {}

    /// Work on the logits of one position, in whose place derivatives may be put; `index` is its
    /// number among the scored ones.
    private interface Rowwise {
        void at(int index, int position, float[] row);
    }

    /// Work on some of the scored rows; every thread asks for its own.
    private interface Chunkwise {
        Supplier<Rowwise> chunk(int from, int to);
    }

    /// Work on the logits of some positions at once, `[rows, vocabulary]` in float32, in whose
    /// place derivatives may be put.
    private interface ByOperators {
        void at(int[] positions, Tensor logits);
    }

    private static Chunkwise beside(Optional<HeadStates> teacher, LogitLoss loss) {
        if (teacher.isEmpty()) {
            float[] none = new float[0];
            return (from, to) -> () -> (index, position, row) -> loss.at(position, row, none);
        }
        HeadStates states = teacher.get();
        return (from, to) -> {
            Rows products = states.products(from, to);
            return () -> {
                float[] known = new float[products.width()];
                return (index, position, row) -> {
                    products.load(index - from, known);
                    states.scale(known);
                    loss.at(position, row, known);
                };
            };
        };
    }

    /// Log-probabilities of targets.
    private static final class Targets {
        private final int[] targets;
        private final boolean findsLikeliest;
        private final float[] logProbs;
        private final int[] likeliest;

        Targets(int[] targets, boolean findsLikeliest) {
            this.targets = targets;
            this.findsLikeliest = findsLikeliest;
            logProbs = new float[targets.length];
            likeliest = new int[targets.length];
            Arrays.fill(likeliest, PackedBatch.IGNORED);
        }

        TokenScores scores() {
            return new TokenScores(logProbs, likeliest);
        }

        float score(int position, float[] row) {
            if (findsLikeliest) {
                likeliest[position] = Softmax.likeliest(row, row.length);
            }
            float logSumExp = Softmax.logSumExp(row, row.length);
            logProbs[position] = row[targets[position]] - logSumExp;
            return logSumExp;
        }

        void back(int position, float[] row, float[] coefficients) {
            float logSumExp = score(position, row);
            Softmax.logProbGradient(
                    row, row.length, logSumExp, coefficients[position], targets[position]);
        }

        /// [#score] of several positions; the logarithms of their sums, `[rows, 1]`.
        Tensor score(int[] positions, Tensor logits) {
            Tensor logSums = torch.logsumexp(logits, new long[] {1}, true);
            float[] found = Tensors.floats(torch.sub(logits.gather(1, wanted(positions)), logSums));
            float[] best =
                    findsLikeliest
                            ? Tensors.floats(torch.argmax(logits, new LongOptional(1), false))
                            : new float[0];
            for (int i = 0; i < positions.length; i++) {
                logProbs[positions[i]] = found[i];
                if (findsLikeliest) {
                    likeliest[positions[i]] = (int) best[i];
                }
            }
            return logSums;
        }

        /// [#back] of several positions.
        void back(int[] positions, Tensor logits, float[] coefficients) {
            Tensor logSums = score(positions, logits);
            float[] own = new float[positions.length];
            for (int i = 0; i < own.length; i++) {
                own[i] = coefficients[positions[i]];
            }
            Tensor factors = Tensors.floats(own, own.length, 1);
            logits.sub_(logSums).exp_().mul_(factors).neg_();
            Tensor wanted = wanted(positions);
            logits.scatter_(1, wanted, torch.add(logits.gather(1, wanted), factors));
        }

        /// The targets of positions, `[rows, 1]`.
        private Tensor wanted(int[] positions) {
            int[] picked = new int[positions.length];
            for (int i = 0; i < picked.length; i++) {
                picked[i] = targets[positions[i]];
            }
            return Tensors.indices(picked).unsqueeze(1);
        }
    }

    /// Makes the derivatives by the logits of some of the scored rows.
    private interface Derivatives {
        Tensor byLogits(int from, int to);
    }

    private final class Pass {
        private final int[] rows;
        private final Tensor picked;
        private final float[] normScale;
        private final Tensor normed;
        private final Tensor operand;
        private final Tensor matrix;

        Pass(Tensor hidden, int[] targets) {
            rows = scored(targets);
            picked = rows(hidden, rows);
            normScale = new float[rows.length];
            normed = norm.apply(picked, normScale);
            operand = MatrixProduct.operand(normed);
            matrix = matrix();
        }

        void forward(Chunkwise work) {
            for (int from = 0; from < rows.length; from += chunk) {
                int first = from;
                Scoped.run(() -> logits(first, Math.min(first + chunk, rows.length), work, false));
            }
        }

        void forwardByOperators(ByOperators work) {
            for (int from = 0; from < rows.length; from += chunk) {
                int first = from;
                Scoped.run(() -> logits(first, Math.min(first + chunk, rows.length), work, false));
            }
        }

        void backward(Chunkwise work, Below below) {
            back((from, to) -> logits(from, to, work, true), below);
        }

        void backwardByOperators(ByOperators work, Below below) {
            back((from, to) -> logits(from, to, work, true), below);
        }

        private void back(Derivatives derivatives, Below below) {
            if (rows.length == 0) {
                return;
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
                Scoped.run(() -> block(first, last, derivatives, dNormed));
            }
            if (below.ofNormed().length > 0) {
                dNormed.add_(Tensors.floats(below.ofNormed(), rows.length, dNormed.size(1)));
            }
            Tensor dPicked = norm.backward(picked, normScale, dNormed);
            if (below.gradient() != null) {
                below.gradient().index_copy_(0, Tensors.indices(rows), dPicked);
            }
        }

        private void block(int from, int to, Derivatives derivatives, Tensor dNormed) {
            Tensor dLogits = derivatives.byLogits(from, to);
            dNormed.narrow(0, from, to - from).copy_(MatrixProduct.of(dLogits, matrix));
            if (weight.trainable()) {
                Tensor h = normed.narrow(0, from, to - from);
                MatrixProduct.addGradient(dLogits, h, weight.gradientSum());
            }
        }

        private Tensor products(int from, int to) {
            return MatrixProduct.linear(operand.narrow(0, from, to - from), matrix);
        }

        /// Logits by libtorch's operators, or in their place the derivatives by them.
        private Tensor logits(int from, int to, ByOperators work, boolean back) {
            Tensor products = products(from, to);
            Tensor logits = scale.apply(Tensors.copy(products, ScalarType.Float));
            Tensor kept = back && !scale.isPlain() ? logits.clone() : logits;
            work.at(Arrays.copyOfRange(rows, from, to), logits);
            if (back) {
                scale.backward(kept, logits);
            }
            return Tensors.cast(logits, products.scalar_type());
        }

        /// Logits, or in their place the derivatives by them; on a card, rows are worked on in the
        /// processor's memory.
        private Tensor logits(int from, int to, Chunkwise work, boolean back) {
            Tensor products = products(from, to);
            Tensor logits = Tensors.onHost(products);
            Rows all = Rows.of(logits);
            Supplier<Rowwise> chunk = work.chunk(from, to);
            Parallel.rows(
                    to - from,
                    (first, last) -> {
                        float[] row = new float[all.width()];
                        Rowwise rowwise = chunk.get();
                        for (int r = first; r < last; r++) {
                            all.load(r, row);
                            scale.apply(row);
                            float[] kept = back && !scale.isPlain() ? row.clone() : row;
                            rowwise.at(from + r, rows[from + r], row);
                            if (back) {
                                if (!scale.isPlain()) {
                                    scale.backward(kept, row);
                                }
                                all.store(r, row);
                            }
                        }
                    });
            return products.is_cuda() ? products.copy_(logits) : products;
        }
    }
}
