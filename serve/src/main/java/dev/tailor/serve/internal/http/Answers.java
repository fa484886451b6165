package dev.tailor.serve.internal.http;

import dev.tailor.serve.internal.api.Answer;
import dev.tailor.serve.internal.api.AnswerForm.Usage;
import dev.tailor.serve.internal.api.Call;
import dev.tailor.serve.internal.engine.Engine;
import dev.tailor.serve.internal.engine.Output;
import dev.tailor.serve.internal.engine.Task;
import dev.tailor.serve.internal.engine.TokenScore;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// The answers to one call while the engine works on them. For one thread; closing it tells the
/// engine to drop what is not done.
final class Answers implements AutoCloseable {
    private record Heard(int index, Output output) {}

    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    private final List<Task> tasks;
    private final int promptTokens;
    private int left;
    private int generated;
    private int reused;

    /// Hands a call to the engine.
    ///
    /// @throws dev.tailor.serve.internal.engine.EngineBusyException when it takes no more
    Answers(Engine engine, Call call) {
        List<Output.Listener> listeners = new ArrayList<>();
        for (int i = 0; i < call.tasks().size(); i++) {
            int index = i;
            listeners.add(output -> heard.add(new Heard(index, output)));
        }
        left = listeners.size();
        promptTokens = call.promptTokens();
        tasks = engine.submit(call.tasks(), listeners);
    }

    /// Whether every answer is complete.
    boolean areComplete() {
        return left == 0;
    }

    /// The next piece of any of them; empty if none came for so long.
    Optional<Answer> next(long seconds) throws InterruptedException {
        Heard next = heard.poll(seconds, TimeUnit.SECONDS);
        return next == null ? Optional.empty() : Optional.of(answer(next));
    }

    private Answer answer(Heard next) {
        return switch (next.output()) {
            case Output.PromptScores(List<TokenScore> scores) ->
                    new Answer(next.index(), "", List.of(), scores, null);
            case Output.Text(String text, List<TokenScore> scores) ->
                    new Answer(next.index(), text, scores, List.of(), null);
            case Output.End end -> {
                left--;
                generated += end.tokens();
                reused = Math.max(reused, end.reused());
                yield new Answer(next.index(), "", List.of(), List.of(), end.reason());
            }
            case Output.Failure(RuntimeException cause) -> throw cause;
        };
    }

    /// Waits for all of them.
    List<Answer> all() throws InterruptedException {
        List<Whole> wholes = IntStream.range(0, left).mapToObj(Whole::new).toList();
        while (!areComplete()) {
            Heard next = heard.take();
            wholes.get(next.index()).add(answer(next));
        }
        return wholes.stream().map(Whole::answer).toList();
    }

    /// Tokens so far.
    Usage usage() {
        return new Usage(promptTokens, generated, reused);
    }

    @Override
    public void close() {
        tasks.forEach(Task::cancel);
    }

    /// Pieces of one answer put together.
    private static final class Whole {
        private final int index;
        private final StringBuilder text = new StringBuilder();
        private final List<TokenScore> scores = new ArrayList<>();
        private final List<TokenScore> promptScores = new ArrayList<>();
        private Optional<Output.Reason> reason = Optional.empty();

        Whole(int index) {
            this.index = index;
        }

        void add(Answer piece) {
            text.append(piece.text());
            scores.addAll(piece.scores());
            promptScores.addAll(piece.promptScores());
            reason = Optional.ofNullable(piece.reason());
        }

        Answer answer() {
            return new Answer(index, text.toString(), scores, promptScores, reason.orElseThrow());
        }
    }
}
