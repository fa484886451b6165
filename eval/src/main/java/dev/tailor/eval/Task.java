package dev.tailor.eval;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;

import java.util.List;

/// Something a model is measured by.
public sealed interface Task
        permits InstructionFollowing, Perplexity, PreferenceAccuracy, QuestionAnswering {
    /// The name in boards, reports and gates.
    String name();

    /// The number of samples.
    int size();

    /// At most the first `limit` samples.
    Task limited(int limit);

    /// The same with answers of at most so many tokens; nothing changes where a task asks for none.
    default Task withMaxTokens(int maxTokens) {
        return switch (this) {
            case QuestionAnswering questions ->
                    new QuestionAnswering(
                            questions.name(),
                            questions.questions(),
                            questions.decoding().withMaxTokens(maxTokens));
            case InstructionFollowing following ->
                    new InstructionFollowing(
                            following.name(),
                            following.prompts(),
                            following.decoding().withMaxTokens(maxTokens));
            case Perplexity _, PreferenceAccuracy _ -> this;
        };
    }

    /// The samples of these indices, in the order given.
    default Task rows(List<Integer> rows) {
        return switch (this) {
            case QuestionAnswering task ->
                    new QuestionAnswering(
                            task.name(), picked(task.questions(), rows), task.decoding());
            case InstructionFollowing task ->
                    new InstructionFollowing(
                            task.name(), picked(task.prompts(), rows), task.decoding());
            case Perplexity task -> new Perplexity(task.name(), picked(task.documents(), rows));
            case PreferenceAccuracy task ->
                    new PreferenceAccuracy(task.name(), picked(task.choices(), rows));
        };
    }

    private static <T> List<T> picked(List<T> items, List<Integer> rows) {
        return rows.stream().<T>map(items::get).toList();
    }

    /// Measures the model. Emits an [Event.Step] per batch of samples.
    TaskResult evaluate(LanguageModel model, Watch watch);

    /// Who follows an evaluation: the stage it belongs to, where its events go, and who may stop
    /// it.
    record Watch(String stage, Event.Listener listener, Cancellation cancellation) {
        /// Nobody.
        public static Watch none() {
            return new Watch("eval", Event.Listener.none(), Cancellation.never());
        }
    }
}
