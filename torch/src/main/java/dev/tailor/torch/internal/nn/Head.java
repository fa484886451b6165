package dev.tailor.torch.internal.nn;

import dev.tailor.torch.LogitLoss;
import dev.tailor.torch.LogitReader;
import dev.tailor.torch.TokenScores;
import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// The last norm and the output head, with log-probabilities of targets. Logits are made for scored
/// positions only and `chunk` rows at a time; on the way back they turn into their own derivative
/// in place.
final class Head {
    /// Rows of logits at a time: 25 MB for 256 rows, 49 152 tokens, bfloat16.
    static final int CHUNK = 256;

    /// Logits at a time on a card, where each call costs and memory is plenty: a quarter of a
    /// gigabyte in bfloat16.
    private static final int CARD_LOGITS = 1 << 27;

    private final RmsNorm norm;
    private final Parameter weight;
    private final LogitScale scale;
    private final int chunk;

    Head(RmsNorm norm, Parameter weight, LogitScale scale) {
        this.norm = norm;
        this.weight = weight;
        this.scale = scale;
        long vocabulary = weight.shape().getFirst();
        this.chunk = Native.byOperators() ? (int) Math.max(CHUNK, CARD_LOGITS / vocabulary) : CHUNK;
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
        TargetScores scored = new TargetScores(targets, withLikeliest);
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
        TargetScores scored = new TargetScores(targets, false);
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

    /// Work on the logits of some positions at once, `[rows, vocabulary]`: derivatives by them.
    private interface ByOperators {
        Tensor at(int[] positions, Tensor logits);
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

        void forwardByOperators(BiConsumer<int[], Tensor> work) {
            for (int from = 0; from < rows.length; from += chunk) {
                int first = from;
                int last = Math.min(from + chunk, rows.length);
                Scoped.run(() ->
                        work.accept(Arrays.copyOfRange(rows, first, last), logits(first, last)));
            }
        }

        void backward(Chunkwise work, Below below) {
            back((from, to) -> logits(from, to, work, true), below);
        }

        void backwardByOperators(ByOperators work, Below below) {
            back((from, to) -> derivatives(from, to, work), below);
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

        /// Logits by libtorch's operators.
        private Tensor logits(int from, int to) {
            Tensor products = products(from, to);
            return scale.isPlain()
                    ? products
                    : scale.apply(Tensors.copy(products, ScalarType.Float));
        }

        private Tensor derivatives(int from, int to, ByOperators work) {
            Tensor logits = logits(from, to);
            Tensor derivatives = work.at(Arrays.copyOfRange(rows, from, to), logits);
            scale.backward(logits, derivatives);
            return Tensors.cast(derivatives, normed.scalar_type());
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
