package dev.tailor.torch.internal.nn;

import dev.tailor.torch.Activations;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.TokenScores;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/// The whole model: embedding, layers, head. Weights are owned by the [Parameter]s.
public final class Decoder {
    private final DecoderConfig config;
    private final Parameter embedding;
    private final Rotary rotary;
    private final Attention attention;
    private final Head head;
    private final Parameter headWeight;
    private final Parameter finalNorm;
    private List<DecoderLayer> layers;
    private Optional<EmbeddingLora> embeddingLora = Optional.empty();

    /// Assembles the model from its parameters by name.
    public Decoder(DecoderConfig config, ParameterSource parameters) {
        this.config = config;
        DecoderConfig.Attention shape = config.attention();
        embedding = parameters.get("model.embed_tokens.weight");
        rotary = new Rotary(config.rope(), shape.headDim());
        attention =
                new Attention(
                        new Attention.Heads(shape.heads(), shape.keyValueHeads(), shape.headDim()));
        List<DecoderLayer> made = new ArrayList<>();
        for (int l = 0; l < config.layers(); l++) {
            made.add(layer("model.layers." + l + ".", parameters));
        }
        layers = List.copyOf(made);
        finalNorm = parameters.get("model.norm.weight");
        headWeight = config.tiedHead() ? embedding : parameters.get("lm_head.weight");
        head = new Head(new RmsNorm(finalNorm, config.normEpsilon()), headWeight, Head.CHUNK);
    }

    private DecoderLayer layer(String prefix, ParameterSource parameters) {
        DecoderLayer.Projections projections =
                new DecoderLayer.Projections(
                        parameters.linear(prefix + "self_attn.q_proj"),
                        parameters.linear(prefix + "self_attn.k_proj"),
                        parameters.linear(prefix + "self_attn.v_proj"),
                        parameters.linear(prefix + "self_attn.o_proj"));
        GatedMlp mlp =
                new GatedMlp(
                        parameters.linear(prefix + "mlp.gate_proj"),
                        parameters.linear(prefix + "mlp.up_proj"),
                        parameters.linear(prefix + "mlp.down_proj"));
        return new DecoderLayer(
                norm(prefix + "input_layernorm", parameters),
                projections,
                norm(prefix + "post_attention_layernorm", parameters),
                mlp);
    }

    private RmsNorm norm(String name, ParameterSource parameters) {
        return new RmsNorm(parameters.get(name + ".weight"), config.normEpsilon());
    }

    /// Every linear layer, in the order of computation, the head excepted.
    public List<Linear> linears() {
        return layers.stream().flatMap(layer -> layer.linears().stream()).toList();
    }

    /// Replaces linear layers (to add or remove an adapter).
    public void replaceLinears(UnaryOperator<Linear> replacement) {
        layers = layers.stream().map(layer -> layer.withLinears(replacement)).toList();
    }

    /// Puts an adapter on the embedding, or takes it off.
    public void adaptEmbedding(Optional<EmbeddingLora> lora) {
        embeddingLora = lora;
    }

    /// The adapter on the embedding.
    public Optional<EmbeddingLora> embeddingLora() {
        return embeddingLora;
    }

    Head head() {
        return head;
    }

    List<DecoderLayer> layers() {
        return layers;
    }

    /// The lowest place where something learns: 0 is the embedding, l + 1 is layer l, layers + 1
    /// the head alone; one more if nothing learns.
    int lowestLearning() {
        if (embedding.trainable() || embeddingLora.filter(EmbeddingLora::learns).isPresent()) {
            return 0;
        }
        for (int l = 0; l < layers.size(); l++) {
            if (layers.get(l).learns()) {
                return l + 1;
            }
        }
        return layers.size() + (head.learns() ? 1 : 2);
    }

    /// `[positions, hidden]`.
    Tensor embed(int[] tokens) {
        Tensor rows = embedding.data().index_select(0, Tensors.indices(tokens));
        return embeddingLora.map(lora -> lora.adapted(rows, tokens)).orElse(rows);
    }

    /// Collects the embedding's gradient.
    void embedBackward(int[] tokens, Tensor gradient) {
        if (embedding.trainable()) {
            EmbeddingGradient.accumulate(embedding, tokens, gradient);
        }
        embeddingLora.ifPresent(lora -> lora.backward(tokens, gradient));
    }

    /// What the layers need to know about a batch. As in transformers, frequencies that depend on
    /// the length follow the longest sequence of the batch.
    Batch batch(PackedBatch packed, long dropoutSeed) {
        int longest = Arrays.stream(packed.segmentLengths()).max().orElse(0);
        float[] shared = rotary.frequencies(longest);
        Segments segments = Segments.of(packed.segmentLengths());
        return new Batch(
                angles(packed.segmentLengths(), length -> shared),
                (tape, q, k, v) -> attention.forward(tape, q, k, v, segments),
                new Dropout(dropoutSeed));
    }

    /// The angles of sequences laid end to end.
    private Angles angles(int[] lengths, IntFunction<float[]> frequenciesOfLength) {
        int total = Arrays.stream(lengths).sum();
        int[] positions = new int[total];
        float[][] frequencies = new float[total][];
        int start = 0;
        for (int length : lengths) {
            float[] frequency = frequenciesOfLength.apply(length);
            for (int i = 0; i < length; i++) {
                positions[start + i] = i;
                frequencies[start + i] = frequency;
            }
            start += length;
        }
        return Angles.of(positions, frequencies, rotary.attentionFactor());
    }

    /// Runs prompts, laid end to end, into free rows of a cache. Each prompt is treated as if it
    /// were alone. Returns the logits after each prompt's last token.
    public Tensor prefill(int[] tokens, int[] lengths, KeyValueCache cache, int[] cacheRows) {
        return Scoped.tensor(() -> {
            Angles angles = angles(lengths, rotary::frequencies);
            Segments segments = Segments.of(lengths);
            Tensor x = embed(tokens);
            for (int l = 0; l < layers.size(); l++) {
                int index = l;
                Mixing mixing =
                        (tape, q, k, v) -> {
                            cache.fill(index, k.data(), v.data(), lengths, cacheRows);
                            return attention.forward(tape, q, k, v, segments);
                        };
                x = layer(index, x, new Batch(angles, mixing, Dropout.NONE));
            }
            cache.filled(lengths, cacheRows);
            int[] last = new int[lengths.length];
            int end = 0;
            for (int i = 0; i < lengths.length; i++) {
                end += lengths[i];
                last[i] = end - 1;
            }
            return head.logits(x.index_select(0, Tensors.indices(last)));
        });
    }

    /// Runs one more token for every row of the cache. Returns the logits after each.
    public Tensor decode(int[] tokens, KeyValueCache cache) {
        return Scoped.tensor(() -> {
            int[] positions = cache.lengths();
            float[][] frequencies = new float[positions.length][];
            for (int i = 0; i < positions.length; i++) {
                frequencies[i] = rotary.frequencies(positions[i] + 1);
            }
            Angles angles = Angles.of(positions, frequencies, rotary.attentionFactor());
            CachedAttention cached = new CachedAttention(config.attention(), cache);
            Tensor x = embed(tokens);
            for (int l = 0; l < layers.size(); l++) {
                int index = l;
                Mixing mixing =
                        (tape, q, k, v) ->
                                Value.constant(cached.mix(index, q.data(), k.data(), v.data()));
                x = layer(index, x, new Batch(angles, mixing, Dropout.NONE));
            }
            cache.advanced();
            return head.logits(x);
        });
    }

    private Tensor layer(int index, Tensor x, Batch batch) {
        return Scoped.tensor(() -> plain(layers.get(index), x, batch));
    }

    /// The hidden states after the last layer, before the last norm; nothing recorded. Belongs to
    /// the caller's scope.
    Tensor hidden(PackedBatch packed) {
        return Scoped.tensor(() -> {
            Batch batch = batch(packed, 0);
            Tensor x = embed(packed.tokens());
            for (DecoderLayer layer : layers) {
                Tensor input = x;
                x = Scoped.tensor(() -> plain(layer, input, batch));
            }
            return x;
        });
    }

    static Tensor plain(DecoderLayer layer, Tensor x, Batch batch) {
        try (Tape tape = Tape.off()) {
            return layer.forward(tape, tape.input(x, false), batch).data();
        }
    }

    /// Log-probabilities of targets, no way back.
    public float[] logProbs(PackedBatch packed) {
        return head.logProbs(hidden(packed), packed.targets());
    }

    /// Log-probabilities of targets and the likeliest tokens.
    public TokenScores scores(PackedBatch packed) {
        return head.scores(hidden(packed), packed.targets());
    }

    /// Logits of the positions `from` to `to`, `[to - from, vocabulary]`.
    public Tensor logits(PackedBatch packed, int from, int to) {
        return head.logits(hidden(packed).narrow(0, from, to - from));
    }

    /// The hidden states after the embedding and after each layer, the last one normed: one more
    /// than there are layers.
    public List<Tensor> hiddenStates(PackedBatch packed) {
        Batch batch = batch(packed, 0);
        List<Tensor> states = new ArrayList<>();
        Tensor x = embed(packed.tokens());
        states.add(x);
        for (DecoderLayer layer : layers) {
            x = plain(layer, x, batch);
            states.add(x);
        }
        states.set(states.size() - 1, new RmsNorm(finalNorm, config.normEpsilon()).apply(x));
        return states;
    }

    /// A pass with a way back.
    public DecoderPass forward(PackedBatch packed, Activations activations, long dropoutSeed) {
        return new DecoderPass(this, packed, activations, dropoutSeed);
    }

    /// Whether head and embedding are one matrix.
    public boolean tied() {
        return headWeight == embedding;
    }

    /// The derivative where the way back starts: zeros of the shape of the hidden states.
    static Tensor zerosLike(Tensor hidden) {
        return torch.zeros_like(hidden);
    }
}
