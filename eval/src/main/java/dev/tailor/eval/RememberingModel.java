package dev.tailor.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A model that is asked nothing twice.
final class RememberingModel implements LanguageModel {
    private record Asked(Prompt prompt, Decoding decoding) {}

    private final LanguageModel model;
    private final Map<ScoreRequest, Score> scores = new HashMap<>();
    private final Map<String, Score> documents = new HashMap<>();
    private final Map<Asked, Completion> completions = new HashMap<>();

    RememberingModel(LanguageModel model) {
        this.model = model;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public List<Score> score(List<ScoreRequest> requests) {
        return answers(requests, scores, model::score);
    }

    @Override
    public List<Score> scoreDocuments(List<String> texts) {
        return answers(texts, documents, model::scoreDocuments);
    }

    @Override
    public List<Completion> generate(List<Prompt> prompts, Decoding decoding) {
        return answers(
                prompts.stream().map(prompt -> new Asked(prompt, decoding)).toList(),
                completions,
                asked -> model.generate(asked.stream().map(Asked::prompt).toList(), decoding));
    }

    private static <Q, A> List<A> answers(
            List<Q> questions, Map<Q, A> known, Function<List<Q>, List<A>> ask) {
        List<Q> unknown = questions.stream().filter(q -> !known.containsKey(q)).distinct().toList();
        if (!unknown.isEmpty()) {
            List<A> fresh = ask.apply(unknown);
            for (int i = 0; i < unknown.size(); i++) {
                known.put(unknown.get(i), fresh.get(i));
            }
        }
        List<A> answers = new ArrayList<>();
        for (Q question : questions) {
            A answer = known.get(question);
            if (answer == null) {
                throw new IllegalStateException("no answer to " + question);
            }
            answers.add(answer);
        }
        return answers;
    }

    /// Leaves the model to whoever opened it.
    @Override
    public void close() {}
}
