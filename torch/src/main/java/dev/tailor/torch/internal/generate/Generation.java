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
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.KeyValueCache;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Continues many prompts at once. A fixed number of rows is worked on together; when a sequence
/// ends the next prompt takes its row, and when there are none left the row is dropped.
public final class Generation {
    /// When one sequence ends, and who hears of its tokens.
    public record Ending(Set<Integer> stopIds, StopCheck check, TokenSink sink) {}

    /// Rows worked on together: past this a step's cost grows with the rows.
    private static final int ROWS = 16;

    /// Prompt tokens run through the model in one go.
    private static final int PREFILL_TOKENS = 4096;

    private final Decoder decoder;
    private final DecoderConfig config;
    private final SamplingSettings settings;
    private final Ending ending;
    private final Generated[] results;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> rows = new ArrayList<>();

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
    public List<Generated> run(ScalarType type) {
        if (settings.maxTokens() == 0) {
            Arrays.fill(results, new Generated(new int[0], FinishReason.LENGTH));
            return List.of(results);
        }
        int count = Math.min(ROWS, waiting.size());
        int longest = waiting.stream().mapToInt(Sequence::length).max().orElse(0);
        int room = longest + Math.min(settings.maxTokens(), 256);
        try (KeyValueCache cache = new KeyValueCache(config, type, count, room)) {
            Deque<Integer> free = new ArrayDeque<>(IntStream.range(0, count).boxed().toList());
            while (true) {
                while (!free.isEmpty() && !waiting.isEmpty()) {
                    free.addAll(admit(cache, free));
                }
                drop(cache, free);
                if (rows.isEmpty()) {
                    return List.of(results);
                }
                free.addAll(decode(cache));
            }
        }
    }

    /// Adds a token to every row; returns the rows whose sequence has ended.
    private List<Integer> decode(KeyValueCache cache) {
        cache.reserve(rows.stream().mapToInt(Sequence::length).max().orElse(0));
        for (int row = 0; row < rows.size(); row++) {
            if (decoder.needsRefill(rows.get(row).length())) {
                decoder.refill(rows.get(row).allButLast(), cache, row);
            }
        }
        int[] tokens = rows.stream().mapToInt(Sequence::last).toArray();
        List<float[]> logits = logits(() -> decoder.decode(tokens, cache));
        return choose(IntStream.range(0, rows.size()).toArray(), logits);
    }

    /// Takes some waiting prompts into free rows and chooses the first token of each; returns the
    /// rows whose sequence has ended by that.
    private List<Integer> admit(KeyValueCache cache, Deque<Integer> free) {
        List<Sequence> group = new ArrayList<>();
        List<Integer> into = new ArrayList<>();
        int tokens = 0;
        while (!free.isEmpty()
                && !waiting.isEmpty()
                && (group.isEmpty() || tokens + waiting.element().length() <= PREFILL_TOKENS)) {
            Sequence next = waiting.remove();
            int row = free.remove();
            tokens += next.length();
            group.add(next);
            into.add(row);
            if (row < rows.size()) {
                rows.set(row, next);
            } else {
                rows.add(next);
            }
        }
        return prefill(cache, group, into.stream().mapToInt(Integer::intValue).toArray());
    }

    private List<Integer> prefill(KeyValueCache cache, List<Sequence> group, int[] into) {
        int[] lengths = group.stream().mapToInt(Sequence::length).toArray();
        int[] tokens = group.stream().flatMapToInt(s -> Arrays.stream(s.prompt())).toArray();
        cache.reserve(Arrays.stream(lengths).max().orElse(0));
        List<float[]> logits = logits(() -> decoder.prefill(tokens, lengths, cache, into));
        if (logits.stream().anyMatch(row -> Float.isNaN(row[0]))) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID, "the model's logits are not numbers (NaN)")
                    .remedy("its weights are damaged, or its training diverged");
        }
        return choose(into, logits);
    }

    /// Chooses the next token of these rows; returns those whose sequence has ended.
    private List<Integer> choose(int[] of, List<float[]> logits) {
        List<Integer> ended = new ArrayList<>();
        for (int i = 0; i < of.length; i++) {
            if (next(rows.get(of[i]), logits.get(i))) {
                ended.add(of[i]);
            }
        }
        return ended;
    }

    /// Drops rows for which no prompt is left.
    private void drop(KeyValueCache cache, Deque<Integer> free) {
        if (free.isEmpty()) {
            return;
        }
        int[] kept = IntStream.range(0, rows.size()).filter(row -> !free.contains(row)).toArray();
        List<Sequence> left = Arrays.stream(kept).mapToObj(rows::get).toList();
        rows.clear();
        rows.addAll(left);
        free.clear();
        cache.keepRows(kept);
    }

    /// Adds one token to a sequence; true if that was its last.
    private boolean next(Sequence sequence, float[] logits) {
        int token = sequence.choose(logits);
        if (ending.stopIds().contains(token)) {
            return finished(sequence, FinishReason.STOP);
        }
        sequence.append(token);
        ending.sink().accept(sequence.index(), token);
        if (ending.check().shouldStop(sequence.index(), sequence.generated())) {
            return finished(sequence, FinishReason.STOP);
        }
        return sequence.generatedLength() >= settings.maxTokens()
                && finished(sequence, FinishReason.LENGTH);
    }

    private boolean finished(Sequence sequence, FinishReason reason) {
        results[sequence.index()] = new Generated(sequence.generated(), reason);
        return true;
    }

    private static List<float[]> logits(Supplier<Tensor> work) {
        return Scoped.call(() -> {
            Tensor logits = work.get();
            int width = (int) logits.size(1);
            float[] flat = Tensors.floats(logits);
            return IntStream.range(0, flat.length / width)
                    .mapToObj(r -> Arrays.copyOfRange(flat, r * width, (r + 1) * width))
                    .toList();
        });
    }
}
