package dev.tailor.eval;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;

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
