package dev.tailor.torch.internal.nn;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.Activations;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Rope;
import dev.tailor.torch.LogitReader;
import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.RopeScaling;
import dev.tailor.torch.TokenScores;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/// The whole model: embedding, layers, head. Weights are owned by the [Parameter]s.
public final class Decoder {
    private final DecoderConfig config;
    private final Parameter embedding;
    private final float embeddingScale;
    private final Map<Rope, Rotary> rotaries = new LinkedHashMap<>();
    private final Map<OptionalInt, Attention> attentions = new HashMap<>();
    private final Head head;
    private final Parameter headWeight;
    private final AdapterRows adapterRows = new AdapterRows();
    private final RmsNorm finalNorm;
    private List<DecoderLayer> layers;
    private Optional<EmbeddingLora> embeddingLora = Optional.empty();

    /// Assembles the model from its parameters by name.
    public Decoder(DecoderConfig config, ParameterSource parameters) {
        this.config = config;
        DecoderParts parts = new DecoderParts(config, parameters);
        embedding = parameters.get("model.embed_tokens.weight");
        embeddingScale = parts.embeddingScale(embedding);
        for (DecoderConfig.Layer layer : config.stack()) {
            layer.rope().ifPresent(rope -> rotaries.computeIfAbsent(rope, Rotary::new));
            attentions.computeIfAbsent(
                    layer.window(), window -> new Attention(parts.heads(window)));
        }
        layers = parts.layers();
        finalNorm = parts.norm("model.norm");
        headWeight = config.tiedHead() ? embedding : parameters.get("lm_head.weight");
        LogitScale scale =
                new LogitScale(
                        config.multipliers().logitDivisor(), config.multipliers().logitCap());
        head = new Head(finalNorm, headWeight, scale);
    }

    /// Every linear layer, in the order of computation, the head excepted.
    public List<Linear> linears() {
        return layers.stream().flatMap(layer -> layer.linears().stream()).toList();
    }

    /// Replaces linear layers (to add or remove an adapter).
    public void replaceLinears(UnaryOperator<Linear> replacement) {
        layers = layers.stream().map(layer -> layer.withLinears(replacement)).toList();
    }

    /// Lets pieces of steps that name this number be computed with an adapter.
    ///
    /// @param layers what it adds to linear layers, by their names
    /// @param scale what each layer's product is multiplied by
    public void serveAdapter(
            int number, Map<String, LoraWeights> layers, ToDoubleFunction<String> scale) {
        replaceLinears(linear -> {
            LoraWeights weights = layers.get(linear.name());
            if (weights == null) {
                return linear;
            }
            return DenseWithAdapters.of(
                    linear, number, weights, scale.applyAsDouble(linear.name()), adapterRows);
        });
    }

    /// Takes all adapters of [#serveAdapter] off.
    public void serveNoAdapters() {
        replaceLinears(linear -> {
            if (linear instanceof DenseWithAdapters several) {
                several.release();
            }
            return linear.dense();
        });
    }

    /// Puts an adapter on the embedding, or takes it off.
    ///
    /// @throws TailorException CONFIG_INVALID where the family scales its embedding
    public void adaptEmbedding(Optional<EmbeddingLora> lora) {
        if (lora.isPresent() && embeddingScale != 1) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "%s scales its embedding, which an adapter on it does not know"
                                    .formatted(config.architecture()))
                    .remedy("leave 'embed_tokens' out of the targets");
        }
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

    /// What the balance of routers counts in the objective; 0 without experts.
    double balance() {
        return config.experts().map(DecoderConfig.Experts::balance).orElse(0.0);
    }

    /// The lowest place where something learns: 0 is the embedding, l + 1 is layer l, layers + 1
    /// the head alone; one more if nothing learns.
    public int lowestLearning() {
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
        Tensor scaled = embeddingScale == 1 ? rows : rows.mul_(new Scalar((double) embeddingScale));
        return embeddingLora.map(lora -> lora.adapted(scaled, tokens)).orElse(scaled);
    }

    /// Collects the embedding's gradient.
    void embedBackward(int[] tokens, Tensor gradient) {
        if (embedding.trainable()) {
            EmbeddingGradient.accumulate(embedding, tokens, gradient, embeddingScale);
        }
        embeddingLora.ifPresent(lora -> lora.backward(tokens, gradient));
    }

    /// What the layers need to know about a batch, one by one. As in transformers, frequencies that
    /// depend on the length follow the longest sequence of the batch.
    List<Batch> batches(PackedBatch packed, long dropoutSeed, RouterBalance balance) {
        int longest = Arrays.stream(packed.segmentLengths()).max().orElse(0);
        Map<Rope, Angles> angles = angles(packed.segmentLengths(), longest);
        Segments segments = Segments.of(packed.segmentLengths());
        Dropout dropout = new Dropout(dropoutSeed);
        List<Batch> batches = new ArrayList<>();
        for (int l = 0; l < layers.size(); l++) {
            Attention attention = attention(l);
            batches.add(
                    new Batch(
                            rotation(angles, l),
                            (tape, q, k, v) -> attention.forward(tape, q, k, v, segments),
                            dropout,
                            balance));
        }
        return batches;
    }

    private Attention attention(int layer) {
        return Objects.requireNonNull(attentions.get(config.stack().get(layer).window()));
    }

    private Optional<Angles> rotation(Map<Rope, Angles> angles, int layer) {
        return config.stack().get(layer).rope().map(angles::get);
    }

    /// The angles of sequences laid end to end, by the kind of rotation, with frequencies made for
    /// `reach` positions.
    private Map<Rope, Angles> angles(int[] lengths, int reach) {
        int[] positions = new int[Arrays.stream(lengths).sum()];
        int[] reaches = new int[positions.length];
        Arrays.fill(reaches, reach);
        int start = 0;
        for (int length : lengths) {
            for (int i = 0; i < length; i++) {
                positions[start + i] = i;
            }
            start += length;
        }
        return angles(positions, reaches);
    }

    private Map<Rope, Angles> angles(int[] positions, int[] reaches) {
        Map<Rope, Angles> angles = new HashMap<>();
        rotaries.forEach((rope, rotary) -> {
            Map<Integer, float[]> byReach = new HashMap<>();
            float[][] frequencies = new float[positions.length][];
            for (int i = 0; i < positions.length; i++) {
                frequencies[i] = byReach.computeIfAbsent(reaches[i], rotary::frequencies);
            }
            angles.put(
                    rope,
                    Angles.of(
                            positions,
                            frequencies,
                            rotary.attentionFactor(),
                            config.attention().headDim()));
        });
        return angles;
    }

    /// Whether a sequence that has grown to this length must be computed again from its first
    /// position on before its last token is: LongRoPE rotates a long sequence in another way.
    public boolean needsRefill(int length) {
        return rotaries.keySet().stream()
                .anyMatch(rope ->
                        rope.scaling() instanceof RopeScaling.LongRope longRope
                                && longRope.originalMaxPositions() + 1 == length);
    }

    /// Runs pieces of several sequences together, each as if it were alone. Sequences must have
    /// room for them. Logits go to `reader`, some rows at a time.
    ///
    /// @param pieces those that begin a sequence first ([CacheMixing#begins])
    public void step(List<Piece> pieces, PagedCache cache, LogitReader reader) {
        Scoped.run(() -> {
            int[] tokens = pieces.stream().flatMapToInt(p -> Arrays.stream(p.tokens())).toArray();
            Map<Rope, Angles> angles = angles(pieces);
            CacheMixing cached = new CacheMixing(config, cache, pieces);
            adapterRows.assign(pieces);
            Tensor x = embed(tokens);
            for (int l = 0; l < layers.size(); l++) {
                int index = l;
                Mixing mixing =
                        (tape, q, k, v) ->
                                Value.constant(cached.mix(index, attention(index), tape, q, k, v));
                Batch batch =
                        new Batch(rotation(angles, l), mixing, Dropout.NONE, new RouterBalance());
                x = layer(index, x, batch);
            }
            adapterRows.clear();
            pieces.forEach(piece -> piece.sequence().advance(piece.length()));
            head.read(x, Wanted.of(pieces), reader);
        });
    }

    private Map<Rope, Angles> angles(List<Piece> pieces) {
        int[] positions = new int[pieces.stream().mapToInt(Piece::length).sum()];
        int[] reaches = new int[positions.length];
        int row = 0;
        for (Piece piece : pieces) {
            for (int t = 0; t < piece.length(); t++) {
                positions[row] = piece.start() + t;
                reaches[row++] = piece.reach();
            }
        }
        return angles(positions, reaches);
    }

    private Tensor layer(int index, Tensor x, Batch batch) {
        return Scoped.tensor(() -> plain(layers.get(index), x, batch));
    }

    /// The hidden states after the last layer, before the last norm; nothing recorded. Belongs to
    /// the caller's scope.
    Tensor hidden(PackedBatch packed) {
        return Scoped.tensor(() -> {
            List<Batch> batches = batches(packed, 0, new RouterBalance());
            Tensor x = embed(packed.tokens());
            for (int l = 0; l < layers.size(); l++) {
                x = layer(l, x, batches.get(l));
            }
            return x;
        });
    }

    /// The mean of the last hidden states, normed, over each segment; `hidden` values each.
    public List<float[]> means(PackedBatch packed, int adapter) {
        adapterRows.assign(packed.size(), adapter);
        Tensor states = finalNorm.apply(hidden(packed));
        adapterRows.clear();
        List<float[]> means = new ArrayList<>();
        int start = 0;
        for (int length : packed.segmentLengths()) {
            Tensor part = Tensors.cast(states.narrow(0, start, length), ScalarType.Float);
            means.add(Tensors.floats(torch.div(torch.sum(part, 0), new Scalar((double) length))));
            start += length;
        }
        return means;
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
        List<Batch> batches = batches(packed, 0, new RouterBalance());
        List<Tensor> states = new ArrayList<>();
        Tensor x = embed(packed.tokens());
        states.add(x);
        for (int l = 0; l < layers.size(); l++) {
            x = plain(layers.get(l), x, batches.get(l));
            states.add(x);
        }
        states.set(states.size() - 1, finalNorm.apply(x));
        return states;
    }

    /// What is known after the last layer, at the scored positions, with some hidden states as
    /// [#hiddenStates] counts them.
    public HeadStates states(PackedBatch packed, Set<Integer> wanted) {
        int[] scored = Head.scored(packed.targets());
        Map<Integer, float[]> kept = new HashMap<>();
        Tensor last =
                Scoped.tensor(() -> {
                    List<Batch> batches = batches(packed, 0, new RouterBalance());
                    Tensor x = embed(packed.tokens());
                    for (int l = 0; l < layers.size(); l++) {
                        if (wanted.contains(l)) {
                            kept.put(l, Tensors.floats(Head.rows(x, scored)));
                        }
                        x = layer(l, x, batches.get(l));
                    }
                    return x;
                });
        if (wanted.contains(layers.size())) {
            kept.put(layers.size(), normed(last, scored));
        }
        return new HeadStates(head, last, packed.targets(), kept);
    }

    /// The last hidden state at some positions.
    float[] normed(Tensor last, int[] positions) {
        return Tensors.floats(finalNorm.apply(Head.rows(last, positions)));
    }

    /// A pass with a way back.
    public DecoderPass forward(
            PackedBatch packed, Activations activations, long seed, double embeddingNoise) {
        return new DecoderPass(
                this, packed, activations, seed, new EmbeddingNoise(embeddingNoise, seed));
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
