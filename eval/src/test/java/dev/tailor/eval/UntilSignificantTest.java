package dev.tailor.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class UntilSignificantTest {
    private final Task task = task(400);

    @Test
    void evaluate_modelsThatDiffer_stopsEarly() {
        Knowing half = new Knowing(2);
        Knowing most = new Knowing(10);
        UntilSignificant.Outcome outcome = run(half, most);
        assertThat(outcome.decided()).isTrue();
        assertThat(outcome.pValue()).isLessThanOrEqualTo(0.05);
        assertThat(outcome.metric()).isEqualTo("exact_match");
        assertThat(outcome.items()).isLessThan(200);
        assertThat(half.asked).isEqualTo(outcome.items());
        assertThat(outcome.first().samples()).hasSize(outcome.items());
        assertThat(outcome.second().metric("exact_match").orElseThrow().value())
                .isGreaterThan(outcome.first().metric("exact_match").orElseThrow().value());
        assertThat(run(new Knowing(2), new Knowing(10)).items()).isEqualTo(outcome.items());
    }

    @Test
    void evaluate_modelsAlike_looksAtAllItems() {
        UntilSignificant.Outcome outcome = run(new Knowing(3), new Knowing(3));
        assertThat(outcome.decided()).isFalse();
        assertThat(outcome.items()).isEqualTo(400);
        assertThat(outcome.pValue()).isEqualTo(1);
    }

    @Test
    void evaluate_taskWithoutFiguresPerItem_isRefused() {
        Task perplexity =
                new Perplexity("p", List.of(new Perplexity.Document("1", "text"), document()));
        assertThatThrownBy(() ->
                        UntilSignificant.evaluate(
                                perplexity,
                                new Knowing(2),
                                new Knowing(3),
                                new Seed(0),
                                Task.Watch.none()))
                .isInstanceOf(TailorException.class)
                .hasMessageContaining("has no figure from 0 to 1");
    }

    private static Perplexity.Document document() {
        return new Perplexity.Document("2", "more text");
    }

    private UntilSignificant.Outcome run(LanguageModel first, LanguageModel second) {
        return UntilSignificant.evaluate(task, first, second, new Seed(0), Task.Watch.none());
    }

    private static Task task(int size) {
        List<QuestionAnswering.Question> questions = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            questions.add(
                    new QuestionAnswering.Question(
                            "q:" + i, new Prompt.Text("question " + i), List.of("answer " + i)));
        }
        return new QuestionAnswering("holdout", questions, Decoding.greedy(8));
    }

    /// Knows the answer to every question but each `n`th.
    private static final class Knowing implements LanguageModel {
        private final int n;
        private int asked;

        Knowing(int n) {
            this.n = n;
        }

        @Override
        public String name() {
            return "knowing " + n;
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
        public List<Completion> generate(List<Prompt> prompts, Decoding decoding) {
            asked += prompts.size();
            return prompts.stream()
                    .map(prompt -> {
                        int number = Integer.parseInt(prompt.readable().replaceAll("\\D+", ""));
                        String text = number % n == 0 ? "I do not know" : "answer " + number;
                        return new Completion(text, 2, true);
                    })
                    .toList();
        }

        @Override
        public void close() {}
    }
}
