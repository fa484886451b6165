package dev.tailor.cli.command;

import dev.tailor.core.Seed;
import dev.tailor.text.IncrementalDecoder;
import dev.tailor.text.Message;
import dev.tailor.torch.Generator;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.StopStrings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A chat with a model: what was said so far, and the next answer.
final class Conversation {
    private final LoadedModel model;
    private final SamplingArguments sampling;
    private final List<Message> messages = new ArrayList<>();
    private volatile boolean interrupted;

    Conversation(LoadedModel model, SamplingArguments sampling, Optional<String> system) {
        this.model = model;
        this.sampling = sampling;
        system.ifPresent(this::system);
    }

    /// Forgets everything but the system message.
    void reset() {
        messages.removeIf(message -> !message.role().equals("system"));
    }

    /// Starts over with another system message; an empty one is none.
    void system(String text) {
        messages.clear();
        if (!text.isEmpty()) {
            messages.add(Message.of("system", text));
        }
    }

    /// Cuts the answer that is being given short. For use by another thread.
    void interrupt() {
        interrupted = true;
    }

    /// Asks, and passes the answer on piece by piece.
    String ask(String question, Consumer<String> sink) {
        interrupted = false;
        messages.add(Message.of("user", question));
        StopStrings stops = new StopStrings(model.tokenizer(), sampling.stops());
        IncrementalDecoder decoder = model.tokenizer().incrementalDecoder(true);
        StringBuilder answer = new StringBuilder();
        long turn = messages.size();
        new Generator(model.model())
                .generate(
                        List.of(model.chat().tokens(messages, List.of())),
                        sampling.settings(),
                        model.chat().stopIds(),
                        new Seed(sampling.seed()).of("turn", turn),
                        (sequence, tokens) -> interrupted || stops.shouldStop(sequence, tokens),
                        (sequence, token) -> say(decoder.add(token), answer, sink));
        say(decoder.finish(), answer, sink);
        String text = stops.cut(answer.toString());
        messages.add(Message.of("assistant", text));
        return text;
    }

    private static void say(String piece, StringBuilder answer, Consumer<String> sink) {
        answer.append(piece);
        sink.accept(piece);
    }
}
