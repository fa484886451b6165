package dev.tailor.serve.internal.engine;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.serve.internal.engine.Output.Reason;
import dev.tailor.serve.internal.json.JsonConstraint;
import dev.tailor.text.IncrementalDecoder;
import dev.tailor.torch.CachedSequence;
import dev.tailor.torch.SequencePiece;
import dev.tailor.torch.TokenSampler;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// One prompt that is being continued. All but [#cancel] is for the engine's thread, and for one
/// other at a time while a step computes.
public final class Task implements Work {
    private final TaskRequest request;
    private final Output.Listener listener;
    private final TokenSampler sampler;
    private final IncrementalDecoder decoder;
    private final StopText text;
    private final Optional<JsonConstraint> constraint;
    private final Map<Integer, Integer> counts = new HashMap<>();
    private final Deque<Unsaid> unsaid = new ArrayDeque<>();
    private final TokenScore @Nullable [] promptScores;
    private final long created = System.nanoTime();
    private volatile boolean cancelled;
    private int[] tokens;
    private int length;
    private int reused;
    private int chosen = -1;
    private int restartedAt;
    private @Nullable TokenScore chosenScore;
    private @Nullable CachedSequence sequence;
    private boolean over;

    /// The score of a token whose text, which begins at some character, is not certain yet.
    private record Unsaid(TokenScore score, int start) {}

    Task(TaskRequest request, IncrementalDecoder decoder, Output.Listener listener) {
        this.request = request;
        this.listener = listener;
        this.decoder = decoder;
        this.sampler = new TokenSampler(request.choice().sampling(), request.choice().seed());
        this.text = new StopText(request.ending().stops());
        this.constraint = request.ending().json().map(JsonConstraint::new);
        this.tokens = Arrays.copyOf(request.prompt(), request.prompt().length + 64);
        this.length = request.prompt().length;
        this.promptScores = request.logProbs().ofPrompt() ? new TokenScore[length] : null;
    }

    /// Asks the engine to drop it. For use by any thread.
    public void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    boolean isOver() {
        return over;
    }

    TaskRequest request() {
        return request;
    }

    /// When it was made, by [System#nanoTime].
    long created() {
        return created;
    }

    int length() {
        return length;
    }

    int generated() {
        return length - request.prompt().length;
    }

    CachedSequence sequence() {
        return Objects.requireNonNull(sequence);
    }

    /// Begins, or begins again, in an empty sequence.
    void begin(CachedSequence place) {
        sequence = place;
        // The logits of reused tokens are not known any more.
        if (promptScores == null || generated() > 0) {
            place.reuse(Arrays.copyOf(tokens, length));
        }
        if (generated() == 0) {
            reused = place.length();
        }
    }

    /// Gives its room back; it can begin again.
    void release() {
        if (sequence != null) {
            sequence.share(Arrays.copyOf(tokens, length));
            sequence.close();
            sequence = null;
        }
    }

    /// Forgets what is in the cache, once at each length.
    void restartIf(boolean needed) {
        if (needed && restartedAt != length && generated() > 0) {
            restartedAt = length;
            sequence().clear();
        }
    }

    /// Tokens that are not in the cache yet.
    int pending() {
        return length - sequence().length();
    }

    /// The next of them, at most so many.
    SequencePiece piece(int most) {
        int start = sequence().length();
        int[] part = Arrays.copyOfRange(tokens, start, Math.min(length, start + most));
        boolean last = start + part.length == length;
        int wantedFrom = promptScores != null && generated() == 0 ? 0 : part.length - 1;
        return new SequencePiece(
                sequence(), part, length, last || wantedFrom == 0 ? wantedFrom : part.length);
    }

    /// Sees the logits after a token at some position of the sequence.
    void see(int position, float[] logits) {
        if (Float.isNaN(logits[0])) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID, "the model's logits are not numbers (NaN)")
                    .remedy("its weights are damaged, or its training diverged");
        }
        if (promptScores != null && position + 1 < request.prompt().length) {
            promptScores[position + 1] =
                    TokenScore.of(logits, tokens[position + 1], request.logProbs().likeliest());
        }
        if (position == length - 1) {
            choose(logits);
        }
    }

    private void choose(float[] logits) {
        if (request.maxTokens() == 0) {
            return;
        }
        float[] plain = request.logProbs().wanted() ? logits.clone() : logits;
        request.choice().bias().forEach((token, bias) -> logits[token] += bias);
        counts.forEach((token, count) ->
                logits[token] -=
                        (float)
                                (request.choice().presencePenalty()
                                        + count * request.choice().frequencyPenalty()));
        constraint.ifPresent(json -> json.mask(logits, request.maxTokens() - generated()));
        chosen = sampler.choose(logits, seen());
        constraint.ifPresent(json -> json.accept(chosen));
        if (request.logProbs().wanted()) {
            chosenScore = TokenScore.of(plain, chosen, request.logProbs().likeliest());
        }
    }

    private int[] seen() {
        return request.choice().sampling().repetitionPenalty() == 1
                ? new int[0]
                : Arrays.copyOf(tokens, length);
    }

    /// Says what the last step brought.
    void speak() {
        if (sequence().length() < length) {
            return;
        }
        if (promptScores != null && generated() == 0) {
            listener.on(new Output.PromptScores(scores(promptScores)));
        }
        if (request.maxTokens() == 0) {
            end(Reason.LENGTH, 0);
            return;
        }
        if (request.ending().stopIds().contains(chosen)) {
            say(decoder.finish());
            end(Reason.STOP, generated() + 1);
            return;
        }
        append(chosen);
        if (chosenScore != null) {
            unsaid.add(new Unsaid(chosenScore, text.length()));
        }
        say(decoder.add(chosen));
        if (text.isStopped() || constraint.filter(JsonConstraint::isComplete).isPresent()) {
            end(Reason.STOP, generated());
        } else if (generated() >= request.maxTokens()) {
            say(decoder.finish());
            end(text.isStopped() ? Reason.STOP : Reason.LENGTH, generated());
        }
    }

    private static List<TokenScore> scores(TokenScore[] ofPrompt) {
        return List.of(Arrays.copyOfRange(ofPrompt, 1, ofPrompt.length));
    }

    private void append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, length * 2);
        }
        tokens[length++] = token;
        counts.merge(token, 1, Integer::sum);
    }

    private void say(String piece) {
        pass(piece.isEmpty() ? "" : text.add(piece));
    }

    private void pass(String certain) {
        if (!certain.isEmpty()) {
            listener.on(new Output.Text(certain, scoresUpTo(text.given())));
        }
    }

    /// The scores of tokens that begin before a character; they are said then.
    private List<TokenScore> scoresUpTo(int end) {
        List<TokenScore> scores = new ArrayList<>();
        while (!unsaid.isEmpty() && unsaid.getFirst().start() < end) {
            scores.add(unsaid.removeFirst().score());
        }
        return List.copyOf(scores);
    }

    private void end(Reason reason, int generated) {
        if (!text.isStopped()) {
            pass(text.finish());
            if (!unsaid.isEmpty()) {
                listener.on(new Output.Text("", scoresUpTo(Integer.MAX_VALUE)));
            }
        }
        over = true;
        listener.on(new Output.End(reason, generated, reused));
    }

    @Override
    public void fail(RuntimeException cause) {
        over = true;
        listener.on(new Output.Failure(cause));
    }
}
