package dev.tailor.eval;

import java.util.List;

/// A model that evaluation asks: text goes in, log-probabilities or text come out. Who computes
/// them, and where, is not evaluation's business.
///
/// Results stand in the order of the requests and do not depend on how requests are batched.
public interface LanguageModel extends AutoCloseable {
    /// The name shown in boards and reports.
    String name();

    /// The log-probability of each request's continuation after its context.
    List<Score> score(List<ScoreRequest> requests);

    /// The log-probability of whole documents. Every token is scored exactly once; a document
    /// longer than the model's context is scored window by window, each window after the last token
    /// of the one before ("rolling"), the first after the beginning-of-text token.
    List<Score> scoreDocuments(List<String> documents);

    /// The same with each document as the tokenizer begins a text: where it puts a token before it,
    /// that token is scored too, as lm-evaluation-harness does.
    default List<Score> scoreBegunDocuments(List<String> documents) {
        return scoreDocuments(documents);
    }

    /// An answer to each prompt.
    List<Completion> generate(List<Prompt> prompts, Decoding decoding);

    /// How many requests so far were longer than the model's context and lost their beginning.
    default long shortened() {
        return 0;
    }

    /// Frees the model's memory.
    @Override
    void close();
}
