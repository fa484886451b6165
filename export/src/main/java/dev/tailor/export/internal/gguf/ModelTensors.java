package dev.tailor.export.internal.gguf;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.TensorInfo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which tensor of the checkpoint becomes which tensor of the file.
public final class ModelTensors {
    private ModelTensors() {}

    /// One tensor's way: what is read from the checkpoint, times `factor`, plus `offset`.
    ///
    /// @param sources one tensor, or one of each expert, which the file has one above the other
    /// @param sourceShape of each source
    /// @param shape in the file
    /// @param permutedHeads number of heads whose rows are reordered, or 0: the checkpoint rotates
    ///   the first half of a head against the second, some of GGUF's architectures neighbours
    public record Mapping(
            List<String> sources,
            String target,
            List<Long> sourceShape,
            List<Long> shape,
            int permutedHeads,
            float factor,
            float offset) {
        /// A tensor that stays as it is.
        static Mapping of(String source, String target, List<Long> shape) {
            return new Mapping(List.of(source), target, shape, shape, 0, 1, 0);
        }

        /// The first source, which stands for all in messages.
        public String source() {
            return sources.getFirst();
        }

        Mapping permuted(int heads) {
            return new Mapping(sources, target, sourceShape, shape, heads, factor, offset);
        }

        Mapping changed(float factor, float offset) {
            return new Mapping(sources, target, sourceShape, shape, permutedHeads, factor, offset);
        }
    }

    /// The tensors in the order of the file, each checked against the checkpoint.
    ///
    /// @throws TailorException `MODEL_INVALID` naming the first tensor that is missing, has the
    ///   wrong shape or has no place in the architecture
    public static List<Mapping> of(ModelConfig config, Checkpoint checkpoint) {
        List<Mapping> mappings = expected(config);
        Set<String> known = new HashSet<>();
        for (Mapping mapping : mappings) {
            known.addAll(mapping.sources());
            mapping.sources().forEach(source -> check(source, mapping.sourceShape(), checkpoint));
        }
        for (String name : checkpoint.names()) {
            if (!known.contains(name) && !carriesNothing(name, config)) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "the tensor has no place in a %s model of this config.json"
                                        .formatted(config.family().modelType()))
                        .at(name)
                        .remedy(Suggestion.advice(name, known));
            }
        }
        return mappings;
    }

    private static void check(String name, List<Long> shape, Checkpoint checkpoint) {
        if (!checkpoint.contains(name)) {
            throw TailorException.of(ErrorCode.MODEL_INVALID, "the model lacks this tensor")
                    .at(name)
                    .remedy("config.json and the weights do not belong together");
        }
        TensorInfo info = checkpoint.info(name);
        if (!info.shape().equals(shape) || !info.dtype().isFloat()) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "the tensor is %s %s where config.json says %s"
                                    .formatted(info.dtype(), info.shape(), shape))
                    .at(name);
        }
    }

    /// Buffers that old checkpoints carry and that are computed anyway, and the second copy of a
    /// tied matrix.
    private static boolean carriesNothing(String name, ModelConfig config) {
        return name.endsWith(".rotary_emb.inv_freq")
                || name.endsWith(".masked_bias")
                || (config.tied() && name.equals("lm_head.weight"));
    }

    private static List<Mapping> expected(ModelConfig config) {
        Builder builder = new Builder(config, new ArrayList<>());
        builder.addModel();
        return List.copyOf(builder.all());
    }

    private record Builder(ModelConfig config, List<Mapping> all) {
        void addModel() {
            List<Long> table = shape(Size.VOCABULARY, Size.HIDDEN);
            all.add(Mapping.of("model.embed_tokens.weight", "token_embd.weight", table));
            for (int layer = 0; layer < config.layers(); layer++) {
                for (LayerPart part : config.family().parts()) {
                    add(part, "model.layers." + layer + ".", "blk." + layer + ".");
                }
            }
            all.add(
                    norm(
                            Mapping.of(
                                    "model.norm.weight",
                                    "output_norm.weight",
                                    shape(Size.HIDDEN))));
            if (!config.tied()) {
                all.add(Mapping.of("lm_head.weight", "output.weight", table));
            }
        }

        private void add(LayerPart part, String from, String to) {
            String source = from + part.source();
            String target = to + part.target();
            Mapping weight =
                    Mapping.of(
                            source + ".weight",
                            target + ".weight",
                            shape(part.rows(), part.columns()));
            switch (part.kind()) {
                case NORM -> {
                    Mapping norm = Mapping.of(weight.source(), weight.target(), shape(part.rows()));
                    all.add(scaled(part, norm(norm)));
                }
                case ATTENTION -> addWithBias(weight, config.attentionBias(part.target()));
                case ROTATED ->
                        addWithBias(
                                scaled(part, weight.permuted(permutedHeads(part))),
                                config.attentionBias(part.target()));
                case FEED_FORWARD -> addWithBias(weight, config.mlpBias());
                case PLAIN -> all.add(part.isOfExperts() ? experts(weight) : weight);
                case ROW ->
                        all.add(
                                new Mapping(
                                        weight.sources(),
                                        weight.target(),
                                        List.of(1L, part.columns().of(config)),
                                        shape(part.columns()),
                                        0,
                                        1,
                                        0));
            }
        }

        /// Gemma keeps the difference of a norm's weights from 1, the file the weights.
        private Mapping norm(Mapping mapping) {
            return config.family().isGemma() ? mapping.changed(1, 1) : mapping;
        }

        /// llama.cpp has the scale of Gemma's scores in its code: what the model's own differs by
        /// goes into what makes the queries.
        private Mapping scaled(LayerPart part, Mapping mapping) {
            float factor = (float) config.queryFactor();
            String scaled = config.family().normsHeads() ? "attn_q_norm" : "attn_q";
            return part.target().equals(scaled) && factor != 1
                    ? mapping.changed(factor, factor * mapping.offset())
                    : mapping;
        }

        private int permutedHeads(LayerPart part) {
            if (!config.family().interleavesHeads()) {
                return 0;
            }
            return part.rows() == Size.QUERIES ? config.heads() : config.keyValueHeads();
        }

        private Mapping experts(Mapping one) {
            int count = config.experts().count();
            List<String> sources = new ArrayList<>();
            for (int expert = 0; expert < count; expert++) {
                sources.add(one.source().replace(LayerPart.EXPERT, Integer.toString(expert)));
            }
            List<Long> shape = new ArrayList<>(one.shape());
            shape.addFirst((long) count);
            return new Mapping(
                    List.copyOf(sources), one.target(), one.shape(), List.copyOf(shape), 0, 1, 0);
        }

        private void addWithBias(Mapping weight, boolean bias) {
            all.add(weight);
            if (bias) {
                Mapping vector =
                        Mapping.of(
                                weight.source().replaceAll("weight$", "bias"),
                                weight.target().replaceAll("weight$", "bias"),
                                List.of(weight.shape().getFirst()));
                all.add(vector.permuted(weight.permutedHeads()).changed(weight.factor(), 0));
            }
        }

        private List<Long> shape(Size... sides) {
            return Arrays.stream(sides).map(side -> side.of(config)).toList();
        }
    }
}
