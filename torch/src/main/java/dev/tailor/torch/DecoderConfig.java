package dev.tailor.torch;

import dev.tailor.core.TailorException;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.torch.internal.config.Families;
import dev.tailor.torch.internal.weights.WeightLayout;

import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A decoder-only transformer by its features, whatever family it comes from. Sizes count values.
///
/// @param architecture the class name in `config.json`, such as `LlamaForCausalLM`
/// @param stack what differs from layer to layer, in order
/// @param maxPositions the context length the model was made for, in tokens
/// @param experts what takes the place of the feed-forward layer where a layer is sparse
/// @param tiedHead the output head is the embedding matrix
/// @param initializerRange standard deviation of freshly made weights
/// @param json the `config.json` this was read from
public record DecoderConfig(
        String architecture,
        int vocabularySize,
        int hiddenSize,
        List<Layer> stack,
        int maxPositions,
        Attention attention,
        Mlp mlp,
        Optional<Experts> experts,
        Norm norm,
        Multipliers multipliers,
        boolean tiedHead,
        double initializerRange,
        ObjectNode json) {
    /// Keeps own copies.
    public DecoderConfig {
        stack = List.copyOf(stack);
        json = json.deepCopy();
    }

    /// One layer.
    ///
    /// @param window how many positions are seen, the own one included; empty: all before
    /// @param rope how queries and keys are rotated; empty: not at all
    /// @param sparse experts take the place of the feed-forward layer
    public record Layer(OptionalInt window, Optional<Rope> rope, boolean sparse) {}

    /// Heads of attention: `heads` query heads share `keyValueHeads` key and value heads.
    ///
    /// @param fused queries, keys and values are one matrix, `qkv_proj`
    /// @param scale what the product of a query and a key is multiplied by
    /// @param softCap scores become `softCap · tanh(score / softCap)`; 0: they stay
    public record Attention(
            int heads,
            int keyValueHeads,
            int headDim,
            boolean inputBias,
            boolean outputBias,
            boolean fused,
            QueryKeyNorm queryKeyNorm,
            double scale,
            double softCap) {}

    /// The norm of queries and keys before their rotation.
    public enum QueryKeyNorm {
        /// There is none.
        NONE,
        /// Each head by itself, with weights that all heads share.
        HEAD,
        /// All heads of a position together.
        WHOLE
    }

    /// The feed-forward layer.
    public record Mlp(int size, boolean bias, Shape shape, Activation activation) {
        /// How its matrices are laid out.
        public enum Shape {
            /// `down(activation(gate(x)) · up(x))` (Shazeer 2020).
            GATED,
            /// The same with gate and up as one matrix, `gate_up_proj`.
            FUSED,
            /// `down(activation(up(x)))`.
            PLAIN
        }

        /// The non-linear function.
        public enum Activation {
            /// `x · σ(x)`.
            SILU,
            /// GELU as approximated with tanh (Hendrycks and Gimpel 2016).
            GELU_TANH,
            /// `max(x, 0)²` (So et al. 2021).
            RELU_SQUARED
        }
    }

    /// A mixture of experts (Shazeer et al. 2017): each position goes to the `perToken` of `count`
    /// gated feed-forward layers that a router finds likeliest.
    ///
    /// @param size values inside each expert
    /// @param normalised whether the weights of those chosen are made to add up to 1
    /// @param sharedSize values inside an expert that every position goes to; 0: there is none
    /// @param balance what the router's balance counts in the objective (Fedus et al. 2021), where
    ///   the configuration asks for it; else 0
    public record Experts(
            int count,
            int perToken,
            int size,
            boolean normalised,
            int sharedSize,
            double balance,
            Names names) {
        /// What the modules are called in a checkpoint.
        public enum Names {
            /// Mixtral's.
            MIXTRAL("block_sparse_moe", "w1", "w3", "w2"),
            /// Qwen's.
            QWEN("mlp", "gate_proj", "up_proj", "down_proj");

            private final String block;
            private final String gate;
            private final String up;
            private final String down;

            Names(String block, String gate, String up, String down) {
                this.block = block;
                this.gate = gate;
                this.up = up;
                this.down = down;
            }

            /// The module that holds router and experts, within its layer.
            public String block() {
                return block;
            }

            /// An expert's gate.
            public String gate() {
                return gate;
            }

            /// An expert's other matrix inwards.
            public String up() {
                return up;
            }

            /// An expert's matrix outwards.
            public String down() {
                return down;
            }
        }
    }

    /// Root mean square norms.
    ///
    /// @param offset weights are kept as their difference from 1
    public record Norm(Placement placement, double epsilon, boolean offset) {
        /// Where in a layer they stand; each place has the name that checkpoints use there.
        public enum Placement {
            /// Before attention and before the feed-forward layer.
            BEFORE(
                    Optional.of("input_layernorm"),
                    Optional.empty(),
                    Optional.of("post_attention_layernorm"),
                    Optional.empty()),
            /// After each, before the sum with what went in.
            AFTER(
                    Optional.empty(),
                    Optional.of("post_attention_layernorm"),
                    Optional.empty(),
                    Optional.of("post_feedforward_layernorm")),
            /// Before and after each.
            AROUND(
                    Optional.of("input_layernorm"),
                    Optional.of("post_attention_layernorm"),
                    Optional.of("pre_feedforward_layernorm"),
                    Optional.of("post_feedforward_layernorm"));

            private final Optional<String> beforeAttention;
            private final Optional<String> afterAttention;
            private final Optional<String> beforeMlp;
            private final Optional<String> afterMlp;

            Placement(
                    Optional<String> beforeAttention,
                    Optional<String> afterAttention,
                    Optional<String> beforeMlp,
                    Optional<String> afterMlp) {
                this.beforeAttention = beforeAttention;
                this.afterAttention = afterAttention;
                this.beforeMlp = beforeMlp;
                this.afterMlp = afterMlp;
            }

            /// The norm of what goes into attention.
            public Optional<String> beforeAttention() {
                return beforeAttention;
            }

            /// The norm of what attention gives.
            public Optional<String> afterAttention() {
                return afterAttention;
            }

            /// The norm of what goes into the feed-forward layer.
            public Optional<String> beforeMlp() {
                return beforeMlp;
            }

            /// The norm of what the feed-forward layer gives.
            public Optional<String> afterMlp() {
                return afterMlp;
            }
        }
    }

    /// Constants along the way.
    ///
    /// @param embedding what embeddings are multiplied by
    /// @param embeddingRounded whether that number is rounded to the weights' format first
    /// @param residual what attention and feed-forward layer are multiplied by before the sum with
    ///   what went in
    /// @param logitDivisor what logits are divided by
    /// @param logitCap logits become `logitCap · tanh(logit / logitCap)`; 0: they stay
    public record Multipliers(
            double embedding,
            boolean embeddingRounded,
            double residual,
            double logitDivisor,
            double logitCap) {
        /// Nothing is changed.
        public static final Multipliers NONE = new Multipliers(1, false, 1, 1, 0);
    }

    /// Rotary position embedding of the first `dim` values of each head.
    public record Rope(double theta, int dim, RopeScaling scaling) {}

    /// Reads a `config.json` in the spelling of transformers 5 or before.
    ///
    /// @throws TailorException MODEL_INVALID for an unknown architecture or a missing or impossible
    ///   value
    public static DecoderConfig of(ObjectNode configJson) {
        return Families.read(configJson);
    }

    /// Reads the `config.json` of a model directory.
    ///
    /// @throws TailorException MODEL_INVALID at that file, as [#of(ObjectNode)]
    public static DecoderConfig of(ModelDirectory model) {
        try {
            return of(model.config());
        } catch (TailorException e) {
            throw e.at(model.path().resolve("config.json"));
        }
    }

    @Override
    public ObjectNode json() {
        return json.deepCopy();
    }

    /// The number of layers.
    public int layers() {
        return stack.size();
    }

    /// Names and shapes of the weights, in the order of computation. Each expert has tensors of its
    /// own.
    public Map<String, List<Long>> weights() {
        return WeightLayout.of(this);
    }

    /// The number of weights of a model of this shape.
    public long parameterCount() {
        return weights().values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }

    /// Values inside the feed-forward layers that one position goes through in the widest layer.
    public long widestMlp() {
        long widest = 0;
        for (Layer layer : stack) {
            long width =
                    layer.sparse()
                            ? experts.map(e -> (long) e.perToken() * e.size() + e.sharedSize())
                                    .orElse(0L)
                            : mlp.size();
            widest = Math.max(widest, width);
        }
        return widest;
    }
}
