package dev.tailor.merge.internal.extract;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.internal.kernel.Matrix;
import dev.tailor.merge.internal.plan.ModelStructure;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.merge.internal.source.TiedHead;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.node.ObjectNode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A base model and one tuned from it, with the same tensors. Read in pieces by any thread.
///
/// @param config the base's
record ModelPair(Path base, Path tuned, ObjectNode config, Checkpoint before, Checkpoint after)
        implements AutoCloseable {
    private static final int PIECE = 1 << 16;
    private static final int MOST_BYTES_PER_ELEMENT = 8;

    /// Opens both; models that do not belong together are [ErrorCode#MODEL_INVALID].
    static ModelPair open(Path base, Path tuned) {
        ObjectNode config;
        try (ModelDirectory directory = ModelDirectory.open(base);
                ModelDirectory other = ModelDirectory.open(tuned)) {
            config = directory.config();
            requireSameKind(config, other.config(), tuned);
        }
        Checkpoint before = Checkpoint.open(base);
        try {
            Checkpoint after = Checkpoint.open(tuned);
            try {
                ModelPair pair = new ModelPair(base, tuned, config, before, after);
                pair.requireSameShapes();
                return pair;
            } catch (RuntimeException e) {
                after.close();
                throw e;
            }
        } catch (RuntimeException e) {
            before.close();
            throw e;
        }
    }

    private static void requireSameKind(ObjectNode config, ObjectNode other, Path tuned) {
        String kind = config.path("model_type").asString("");
        String tunedKind = other.path("model_type").asString("");
        if (!kind.equals(tunedKind)) {
            throw notATuneOf(
                    "a model of type '%s', the base is '%s'".formatted(tunedKind, kind), tuned);
        }
        if (kind.equals("gpt2")) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "adapters of 'gpt2' models cannot be extracted: they keep their weights"
                                    + " as [in, out]")
                    .at(tuned);
        }
    }

    private void requireSameShapes() {
        List<String> missing = names(before, info -> !after.contains(info.name()));
        if (!missing.isEmpty()) {
            throw notATuneOf("has no " + listed(missing), tuned);
        }
        List<String> reshaped =
                names(before, info -> !after.info(info.name()).shape().equals(info.shape()));
        if (!reshaped.isEmpty()) {
            TensorInfo first = before.info(reshaped.getFirst());
            throw notATuneOf(
                    "other shapes than in the base: %s (%s, in the base %s)"
                            .formatted(
                                    listed(reshaped),
                                    after.info(first.name()).shape(),
                                    first.shape()),
                    tuned);
        }
    }

    private static TailorException notATuneOf(String what, Path tuned) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what)
                .at(tuned)
                .remedy("the tuned model must be a fine-tune of the base");
    }

    private static List<String> names(Checkpoint checkpoint, Predicate<TensorInfo> which) {
        return checkpoint.tensors().stream().filter(which).map(TensorInfo::name).toList();
    }

    /// Names for a message, the first few and a count.
    static String listed(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(5, names.size())))
                + (names.size() > 5 ? " and " + (names.size() - 5) + " more" : "");
    }

    /// Tensors that only the tuned model has.
    List<String> added() {
        return names(after, info -> !before.contains(info.name()));
    }

    /// The embedding that is the head too, where that is so: `config.json` says it, or no head is
    /// stored.
    Optional<String> tiedEmbedding() {
        Optional<String> embedding = ModelStructure.of(before.names()).inputEmbedding();
        boolean isHeadStored =
                embedding.filter(name -> before.contains(TiedHead.of(name))).isPresent();
        return embedding.filter(
                name -> config.path("tie_word_embeddings").asBoolean(!isHeadStored));
    }

    /// What tuning added to a matrix, in single precision; empty if nothing.
    Optional<Matrix> difference(TensorInfo info) {
        float[] difference = new float[Math.toIntExact(info.elements())];
        boolean[] differs = new boolean[1];
        subtract(
                info,
                (first, piece, n) -> {
                    System.arraycopy(piece, 0, difference, Math.toIntExact(first), n);
                    differs[0] |= isChange(info, piece, n);
                    return true;
                });
        return differs[0]
                ? Optional.of(
                        new Matrix(
                                Math.toIntExact(info.shape().get(0)),
                                Math.toIntExact(info.shape().get(1)),
                                difference))
                : Optional.empty();
    }

    /// Whether tuning changed a tensor.
    boolean differs(TensorInfo info) {
        boolean[] differs = new boolean[1];
        subtract(
                info,
                (first, piece, n) -> {
                    differs[0] = isChange(info, piece, n);
                    return !differs[0];
                });
        return differs[0];
    }

    private boolean isChange(TensorInfo info, float[] difference, int n) {
        boolean change = false;
        for (int i = 0; i < n; i++) {
            if (!Float.isFinite(difference[i])) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "'" + info.name() + "' holds numbers that are not finite")
                        .at(tuned + " or " + base);
            }
            change |= difference[i] != 0;
        }
        return change;
    }

    /// Takes a piece of a difference.
    @FunctionalInterface
    private interface Sink {
        /// Elements from `first` on; returns whether more are wanted.
        boolean take(long first, float[] difference, int n);
    }

    private void subtract(TensorInfo info, Sink sink) {
        long elements = info.elements();
        Converter converter = Converter.forElements(elements);
        TensorSource from = new TensorSource.Stored(before, converter);
        TensorSource to = new TensorSource.Stored(after, converter);
        float[] x = new float[(int) Math.min(PIECE, elements)];
        float[] y = new float[x.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment raw = arena.allocate((long) x.length * MOST_BYTES_PER_ELEMENT);
            boolean more = true;
            for (long first = 0; more && first < elements; first += x.length) {
                int n = (int) Math.min(x.length, elements - first);
                from.read(info.name(), first, n, x, raw);
                to.read(info.name(), first, n, y, raw);
                for (int i = 0; i < n; i++) {
                    y[i] -= x[i];
                }
                more = sink.take(first, y, n);
            }
        }
    }

    @Override
    public void close() {
        before.close();
        after.close();
    }
}
