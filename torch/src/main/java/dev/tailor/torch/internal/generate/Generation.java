package dev.tailor.torch.internal.generate;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.FinishReason;
import dev.tailor.torch.Generated;
import dev.tailor.torch.SamplingSettings;
import dev.tailor.torch.StopCheck;
import dev.tailor.torch.TokenSink;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.PagedCache;
import dev.tailor.torch.internal.nn.Piece;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/// Continues many prompts at once. A fixed number of sequences is worked on together; when one ends
/// the next prompt takes its place.
public final class Generation {
    /// When one sequence ends, and who hears of its tokens.
    public record Ending(Set<Integer> stopIds, StopCheck check, TokenSink sink) {}

    /// Sequences worked on together: past this a step's cost grows with them.
    private static final int ROWS = 16;

    /// Prompt tokens run through the model in one go.
    private static final int PREFILL_TOKENS = 4096;

    private final Decoder decoder;
    private final DecoderConfig config;
    private final SamplingSettings settings;
    private final Ending ending;
    private final Generated[] results;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();

    /// Prepares to continue these prompts.
    public Generation(
            Decoder decoder,
            DecoderConfig config,
            List<int[]> prompts,
            SamplingSettings settings,
            Seed seed,
            Ending ending) {
        this.decoder = decoder;
        this.config = config;
        this.settings = settings;
        this.ending = ending;
        this.results = new Generated[prompts.size()];
        for (int i = 0; i < prompts.size(); i++) {
            Sampler sampler = new Sampler(settings, seed.of("sequence", i).generator());
            waiting.add(new Sequence(i, prompts.get(i), sampler));
        }
    }

    /// Runs to the end of every sequence; results in the order of the prompts.
    public List<Generated> run() {
        if (settings.maxTokens() == 0) {
            Arrays.fill(results, new Generated(new int[0], FinishReason.LENGTH));
            return List.of(results);
        }
        try (PagedCache cache = new PagedCache(config, room())) {
            while (!waiting.isEmpty() || !running.isEmpty()) {
                List<Sequence> part = new ArrayList<>(admit(cache));
                int beginning = part.size();
                part.addAll(running);
                step(cache, part);
                part.subList(0, beginning).stream()
                        .filter(sequence -> !isOver(sequence))
                        .forEach(running::add);
                running.removeIf(this::isOver);
            }
            return List.of(results);
        }
    }

    /// Positions for as many of the longest prompts as run together. What is not used costs
    /// nothing.
    private int room() {
        int longest = waiting.stream().mapToInt(Sequence::length).max().orElse(0);
        long each = (long) longest + settings.maxTokens() + PagedCache.PAGE;
        return (int) Math.min(Integer.MAX_VALUE / 2, ROWS * each);
    }

    /// Takes some waiting prompts.
    private List<Sequence> admit(PagedCache cache) {
        List<Sequence> group = new ArrayList<>();
        int tokens = 0;
        while (running.size() + group.size() < ROWS
                && !waiting.isEmpty()
                && (group.isEmpty() || tokens + waiting.element().length() <= PREFILL_TOKENS)) {
            Sequence next = waiting.remove();
            tokens += next.length();
            next.cached(cache.open(0));
            group.add(next);
        }
        return group;
    }

    /// Adds a token to every sequence of a step. Those whose cache is empty go first.
    private void step(PagedCache cache, List<Sequence> part) {
        for (Sequence sequence : part) {
            if (decoder.needsRefill(sequence.length())) {
                sequence.cached().clear();
            }
            if (!sequence.cached().reserve(sequence.length())) {
                throw new IllegalStateException("the cache is smaller than its sequences");
            }
        }
        List<Sequence> order = new ArrayList<>(part);
        order.sort(Comparator.comparing(s -> s.cached().length() > 0));
        List<Piece> pieces = order.stream().map(Sequence::piece).toList();
        int[] chosen = new int[order.size()];
        decoder.step(
                pieces,
                cache,
                (piece, position, logits) -> {
                    requireNumbers(logits);
                    chosen[piece] = order.get(piece).choose(logits);
                });
        for (int i = 0; i < chosen.length; i++) {
            next(order.get(i), chosen[i]);
        }
    }

    private static void requireNumbers(float[] logits) {
        if (Float.isNaN(logits[0])) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID, "the model's logits are not numbers (NaN)")
                    .remedy("its weights are damaged, or its training diverged");
        }
    }

    /// Adds one token to a sequence, which may be its last.
    private void next(Sequence sequence, int token) {
        if (ending.stopIds().contains(token)) {
            finish(sequence, FinishReason.STOP);
            return;
        }
        sequence.append(token);
        ending.sink().accept(sequence.index(), token);
        if (ending.check().shouldStop(sequence.index(), sequence.generated())) {
            finish(sequence, FinishReason.STOP);
        } else if (sequence.generatedLength() >= settings.maxTokens()) {
            finish(sequence, FinishReason.LENGTH);
        }
    }

    private void finish(Sequence sequence, FinishReason reason) {
        results[sequence.index()] = new Generated(sequence.generated(), reason);
        sequence.cached().close();
    }

    private boolean isOver(Sequence sequence) {
        return results[sequence.index()] != null;
    }
}
