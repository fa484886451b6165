package dev.tailor.data;

import dev.tailor.text.Message;

import java.util.List;
import java.util.Optional;

/// One thing to learn from.
public sealed interface Sample {
    /// Where it comes from.
    Origin origin();

    /// A document or a part of one.
    record Text(Origin origin, String text) implements Sample {}

    /// A text with questions about it and their answers, for instruction pre-training (arXiv
    /// 2406.14491).
    ///
    /// @param pairs at least one
    /// @param source the data set or task that it says it belongs to
    record Augmented(Origin origin, String text, List<Pair> pairs, Optional<String> source)
            implements Sample {
        public Augmented {
            pairs = List.copyOf(pairs);
        }

        /// What is asked about a text, and the answer.
        public record Pair(String question, String answer) {}
    }

    /// A conversation.
    ///
    /// @param messages the messages, system message first if there is one
    /// @param tools the tools on offer, as JSON-like values in the shape chat templates expect
    /// @param firstTrained the first message that may be learnt from; those before are context
    record Chat(Origin origin, List<Message> messages, List<Object> tools, int firstTrained)
            implements Sample {
        /// A conversation of which every assistant message may be learnt from.
        public Chat(Origin origin, List<Message> messages, List<Object> tools) {
            this(origin, messages, tools, 0);
        }
    }

    /// Plain text and how it goes on, without any chat template.
    record PromptCompletion(Origin origin, String prompt, String completion) implements Sample {}

    /// Two answers to the same conversation, the better and the worse.
    record Preference(
            Origin origin, List<Message> prompt, List<Message> chosen, List<Message> rejected)
            implements Sample {}

    /// An answer that is wanted or unwanted.
    record Unpaired(
            Origin origin, List<Message> prompt, List<Message> completion, boolean desirable)
            implements Sample {}
}
