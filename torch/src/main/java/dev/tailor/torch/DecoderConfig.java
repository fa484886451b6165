package dev.tailor.torch;

import dev.tailor.core.TailorException;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.torch.internal.config.Families;

import tools.jackson.databind.node.ObjectNode;

/// A decoder-only transformer by its features, whatever family it comes from. Sizes count values.
///
/// @param architecture the class name in `config.json`, such as `LlamaForCausalLM`
/// @param maxPositions the context length the model was made for, in tokens
/// @param tiedHead the output head is the embedding matrix
/// @param initializerRange standard deviation of freshly made weights
/// @param json the `config.json` this was read from
public record DecoderConfig(
        String architecture,
        int vocabularySize,
        int hiddenSize,
        int layers,
        int maxPositions,
        Attention attention,
        Mlp mlp,
        Rope rope,
        double normEpsilon,
        boolean tiedHead,
        double initializerRange,
        ObjectNode json) {
    /// Keeps an own copy of the JSON.
    public DecoderConfig {
        json = json.deepCopy();
    }

    /// Heads of attention: `heads` query heads share `keyValueHeads` key and value heads.
    public record Attention(
            int heads, int keyValueHeads, int headDim, boolean inputBias, boolean outputBias) {}

    /// The gated feed-forward layer, `down(silu(gate(x)) · up(x))`.
    public record Mlp(int size, boolean bias) {}

    /// Rotary position embedding.
    public record Rope(double theta, RopeScaling scaling) {}

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

    /// The number of weights of a model of this shape.
    public long parameterCount() {
        long h = hiddenSize;
        long q = (long) attention.heads() * attention.headDim();
        long kv = (long) attention.keyValueHeads() * attention.headDim();
        long layer = h * (q + 2 * kv) + q * h + 3 * h * mlp.size() + 2 * h;
        layer += attention.inputBias() ? q + 2 * kv : 0;
        layer += attention.outputBias() ? h : 0;
        layer += mlp.bias() ? 2L * mlp.size() + h : 0;
        return vocabularySize * h * (tiedHead ? 1 : 2) + layers * layer + h;
    }
}
