package dev.tailor.eval.harness;

import dev.tailor.eval.Completion;
import dev.tailor.eval.Decoding;
import dev.tailor.eval.LanguageModel;
import dev.tailor.eval.Prompt;
import dev.tailor.eval.Score;
import dev.tailor.eval.ScoreRequest;

import java.util.ArrayList;
import java.util.List;

/// A model that says the same to every prompt and remembers the prompts.
final class FixedAnswers implements LanguageModel {
    final List<String> prompts = new ArrayList<>();
    private final String answer;

    FixedAnswers(String answer) {
        this.answer = answer;
    }

    @Override
    public String name() {
        return "fixed";
    }

    @Override
    public List<Score> score(List<ScoreRequest> requests) {
        return requests.stream().map(r -> Score.of(new float[] {-1}, false)).toList();
    }

    @Override
    public List<Score> scoreDocuments(List<String> documents) {
        return documents.stream().map(d -> Score.of(new float[] {-1}, false)).toList();
    }

    @Override
    public List<Completion> generate(List<Prompt> asked, Decoding decoding) {
        asked.forEach(prompt -> prompts.add(prompt.readable()));
        return asked.stream().map(p -> new Completion(answer, 1, true)).toList();
    }

    @Override
    public void close() {}
}
