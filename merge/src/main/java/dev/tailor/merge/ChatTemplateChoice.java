package dev.tailor.merge;

/// Which chat template a merged model gets.
public sealed interface ChatTemplateChoice {
    /// The one that most of the models have; among equals the base's (or the first model's).
    record MostFrequent() implements ChatTemplateChoice {}

    /// A template that the configuration names or writes out.
    ///
    /// @param name what to call it in messages
    /// @param source its Jinja text
    record Given(String name, String source) implements ChatTemplateChoice {}
}
