package dev.tailor.export.internal.gguf;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.TensorInfo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which tensor of the checkpoint becomes which tensor of the file.
public final class LlamaTensors {
    private LlamaTensors() {}

    /// One tensor's way.
    ///
    /// @param permutedHeads number of heads whose rows are reordered, or 0: the checkpoint rotates
    ///   the first half of a head against the second, GGUF's llama neighbours
    public record Mapping(String source, String target, List<Long> shape, int permutedHeads) {}

    /// The tensors in the order of the file, each checked against the checkpoint.
    ///
    /// @throws TailorException `MODEL_INVALID` naming the first tensor that is missing, has the
    ///   wrong shape or has no place in the architecture
    public static List<Mapping> of(LlamaConfig config, Checkpoint checkpoint) {
        List<Mapping> mappings = expected(config);
        Set<String> known = new HashSet<>();
        for (Mapping mapping : mappings) {
            known.add(mapping.source());
            check(mapping, checkpoint);
        }
        for (String name : checkpoint.names()) {
            if (!known.contains(name) && !carriesNothing(name, config)) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "the tensor has no place in a Llama model of this config.json")
                        .at(name)
                        .remedy(Suggestion.advice(name, known));
            }
        }
        return mappings;
    }

    private static void check(Mapping mapping, Checkpoint checkpoint) {
        String name = mapping.source();
        if (!checkpoint.contains(name)) {
            throw TailorException.of(ErrorCode.MODEL_INVALID, "the model lacks this tensor")
                    .at(name)
                    .remedy("config.json and the weights do not belong together");
        }
        TensorInfo info = checkpoint.info(name);
        if (!info.shape().equals(mapping.shape()) || !info.dtype().isFloat()) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "the tensor is %s %s where config.json says %s"
                                    .formatted(info.dtype(), info.shape(), mapping.shape()))
                    .at(name);
        }
    }

    /// Buffers that old checkpoints carry and that are computed anyway, and the second copy of a
    /// tied matrix.
    private static boolean carriesNothing(String name, LlamaConfig config) {
        return name.endsWith(".rotary_emb.inv_freq")
                || name.endsWith(".masked_bias")
                || (config.tied() && name.equals("lm_head.weight"));
    }

    private static List<Mapping> expected(LlamaConfig config) {
        Builder builder = new Builder(config, new ArrayList<>());
        builder.addModel();
        return List.copyOf(builder.all());
    }

    private record Matrix(String from, String to, long rows, long columns) {}

    private record Builder(LlamaConfig config, List<Mapping> all) {
        void addModel() {
            long vocabulary = config.vocabularySize();
            long hidden = config.hiddenSize();
            linear(new Matrix("model.embed_tokens", "token_embd", vocabulary, hidden), 0, false);
            for (int layer = 0; layer < config.layers(); layer++) {
                addLayer("model.layers." + layer + ".", "blk." + layer + ".");
            }
            vector("model.norm.weight", "output_norm.weight", hidden, 0);
            if (!config.tied()) {
                linear(new Matrix("lm_head", "output", vocabulary, hidden), 0, false);
            }
        }

        void addLayer(String from, String to) {
            long hidden = config.hiddenSize();
            long inner = config.intermediateSize();
            long queries = (long) config.heads() * config.headDim();
            long keys = (long) config.keyValueHeads() * config.headDim();
            String attention = from + "self_attn.";
            vector(from + "input_layernorm.weight", to + "attn_norm.weight", hidden, 0);
            attention(
                    new Matrix(attention + "q_proj", to + "attn_q", queries, hidden),
                    config.heads());
            attention(
                    new Matrix(attention + "k_proj", to + "attn_k", keys, hidden),
                    config.keyValueHeads());
            attention(new Matrix(attention + "v_proj", to + "attn_v", keys, hidden), 0);
            attention(new Matrix(attention + "o_proj", to + "attn_output", hidden, queries), 0);
            vector(from + "post_attention_layernorm.weight", to + "ffn_norm.weight", hidden, 0);
            mlp(new Matrix(from + "mlp.gate_proj", to + "ffn_gate", inner, hidden));
            mlp(new Matrix(from + "mlp.up_proj", to + "ffn_up", inner, hidden));
            mlp(new Matrix(from + "mlp.down_proj", to + "ffn_down", hidden, inner));
        }

        private void attention(Matrix matrix, int permutedHeads) {
            linear(matrix, permutedHeads, config.attentionBias());
        }

        private void mlp(Matrix matrix) {
            linear(matrix, 0, config.mlpBias());
        }

        private void linear(Matrix matrix, int permutedHeads, boolean bias) {
            all.add(
                    new Mapping(
                            matrix.from() + ".weight",
                            matrix.to() + ".weight",
                            List.of(matrix.rows(), matrix.columns()),
                            permutedHeads));
            if (bias) {
                vector(
                        matrix.from() + ".bias",
                        matrix.to() + ".bias",
                        matrix.rows(),
                        permutedHeads);
            }
        }

        private void vector(String from, String to, long size, int permutedHeads) {
            all.add(new Mapping(from, to, List.of(size), permutedHeads));
        }
    }
}
