package dev.tailor.serve.internal.http;

import dev.tailor.serve.internal.api.Answer;
import dev.tailor.serve.internal.api.AnswerForm;
import dev.tailor.serve.internal.api.AnswerForm.Head;
import dev.tailor.serve.internal.api.Call;
import dev.tailor.serve.internal.engine.Engine;

import io.helidon.webserver.http.ServerResponse;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Answers calls, whole or piece by piece.
final class Answering {
    /// A stream shows at least every so often that it is alive.
    private static final long KEEP_ALIVE_SECONDS = 5;

    private final Engine engine;
    private final Metrics metrics;
    private final String modelName;

    Answering(Engine engine, Metrics metrics, String modelName) {
        this.engine = engine;
        this.metrics = metrics;
        this.modelName = modelName;
    }

    /// Answers a call.
    void answer(Call call, ServerResponse response) throws InterruptedException {
        String id = call.form().idPrefix() + UUID.randomUUID().toString().replace("-", "");
        String adapter = call.tasks().getFirst().adapter();
        Head head =
                new Head(
                        id,
                        Instant.now().getEpochSecond(),
                        adapter.isEmpty() ? modelName : adapter);
        try (Answers answers = new Answers(engine, call)) {
            if (call.stream()) {
                stream(call, head, answers, response);
            } else {
                List<Answer> all = answers.all();
                Replies.send(response, 200, call.form().whole(head, all, answers.usage()));
            }
        }
    }

    private void stream(Call call, Head head, Answers answers, ServerResponse response)
            throws InterruptedException {
        // What fails before the first piece is still answered with a status of its own.
        Optional<Answer> first = answers.next(KEEP_ALIVE_SECONDS);
        try (EventStream events = new EventStream(response)) {
            AnswerForm form = call.form();
            for (int i = 0; i < call.tasks().size(); i++) {
                form.opening(head, i).ifPresent(events::send);
            }
            first.ifPresent(answer -> events.send(form.piece(head, answer)));
            goOn(call, head, answers, events);
        } catch (ClientLeftException e) {
            metrics.left();
            throw e;
        }
    }

    /// What fails from here on is told by an event.
    private static void goOn(Call call, Head head, Answers answers, EventStream events)
            throws InterruptedException {
        try {
            while (!answers.areComplete()) {
                Optional<Answer> next = answers.next(KEEP_ALIVE_SECONDS);
                next.ifPresentOrElse(
                        answer -> events.send(call.form().piece(head, answer)), events::keepAlive);
            }
        } catch (ClientLeftException e) {
            throw e;
        } catch (RuntimeException e) {
            events.send(Replies.told(e).json());
            return;
        }
        if (call.includeUsage()) {
            events.send(call.form().usagePiece(head, answers.usage()));
        }
        events.done();
    }
}
