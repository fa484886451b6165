package dev.tailor.workflow.internal.stages;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataSet;
import dev.tailor.data.Origin;
import dev.tailor.data.Sample;
import dev.tailor.data.SampleReader;
import dev.tailor.eval.Decoding;
import dev.tailor.eval.Perplexity;
import dev.tailor.eval.PreferenceAccuracy;
import dev.tailor.eval.Prompt;
import dev.tailor.eval.QuestionAnswering;
import dev.tailor.eval.Task;
import dev.tailor.text.Message;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes tasks of data sets: questions of conversations, perplexity of text, accuracy of
/// preferences.
final class EvalTasks {
    private EvalTasks() {}

    /// The task that suits the kind of data. Of a conversation, the last assistant turn is the
    /// expected answer and what stands before it the question.
    static Task of(String name, DataSet data, Decoding decoding, Location place) {
        return switch (data.kind()) {
            case TEXT -> perplexity(name, data);
            case CHAT -> questions(name, data, decoding);
            case PREFERENCE -> preferences(name, data);
            case UNPAIRED ->
                    throw TailorException.of(
                                    ErrorCode.DATA_INVALID,
                                    "'" + name + "' is unpaired data, which measures nothing")
                            .at(place);
        };
    }

    /// Perplexity of text.
    static Task perplexity(String name, DataSet data) {
        List<Perplexity.Document> documents = new ArrayList<>();
        each(data, sample -> {
            if (sample instanceof Sample.Text(Origin origin, String text)) {
                documents.add(new Perplexity.Document(id(origin), text));
            }
        });
        return new Perplexity(name, List.copyOf(documents));
    }

    private static Task questions(String name, DataSet data, Decoding decoding) {
        List<QuestionAnswering.Question> questions = new ArrayList<>();
        each(data, sample -> {
            switch (sample) {
                case Sample.Chat chat -> question(chat).ifPresent(questions::add);
                case Sample.PromptCompletion(Origin origin, String prompt, String completion) ->
                        questions.add(
                                new QuestionAnswering.Question(
                                        id(origin),
                                        new Prompt.Text(prompt),
                                        List.of(completion.strip())));
                case Sample.Text text -> {}
                case Sample.Preference preference -> {}
                case Sample.Unpaired unpaired -> {}
            }
        });
        return new QuestionAnswering(name, List.copyOf(questions), decoding);
    }

    private static Optional<QuestionAnswering.Question> question(Sample.Chat chat) {
        List<Message> messages = chat.messages();
        for (int last = messages.size() - 1; last > 0; last--) {
            if (messages.get(last).role().equals("assistant")
                    && messages.get(last).content() instanceof String answer) {
                return Optional.of(
                        new QuestionAnswering.Question(
                                id(chat.origin()),
                                new Prompt.Chat(messages.subList(0, last), chat.tools()),
                                List.of(answer.strip())));
            }
        }
        return Optional.empty();
    }

    private static Task preferences(String name, DataSet data) {
        List<PreferenceAccuracy.Choice> choices = new ArrayList<>();
        each(data, sample -> {
            if (sample instanceof Sample.Preference preference) {
                choices.add(
                        new PreferenceAccuracy.Choice(
                                id(preference.origin()),
                                new Prompt.Chat(preference.prompt()),
                                text(preference.chosen()),
                                text(preference.rejected())));
            }
        });
        return new PreferenceAccuracy(name, List.copyOf(choices));
    }

    private static String text(List<Message> answer) {
        StringBuilder text = new StringBuilder();
        answer.forEach(message -> text.append(message.content() == null ? "" : message.content()));
        return text.toString();
    }

    /// A sample's name without the place of its folder, the same on every machine.
    private static String id(Origin origin) {
        return origin.file().getFileName() + ":" + (origin.line() > 0 ? origin.line() : origin.row());
    }

    private interface Visitor {
        void visit(Sample sample);
    }

    private static void each(DataSet data, Visitor visitor) {
        try (SampleReader reader = data.reader()) {
            for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                visitor.visit(sample);
            }
        }
    }
}
