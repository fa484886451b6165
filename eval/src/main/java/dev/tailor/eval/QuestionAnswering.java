package dev.tailor.eval;

import dev.tailor.eval.internal.AnswerMatch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/// Questions with known answers. Figures, each a mean over questions (the best over the references
/// of a question):
///
/// - `exact_match`: equal after SQuAD's normalisation
/// - `f1`: overlap of words after the same normalisation
/// - `rouge_l`: F1 by longest common subsequence of words
/// - `answer_perplexity`: perplexity per token of the first reference after the question; it moves
///   long before a small model's answers become exact
///
/// @param name name of the task
/// @param questions the questions
/// @param decoding how answers are generated
public record QuestionAnswering(String name, List<Question> questions, Decoding decoding)
        implements Task {
    /// A question.
    ///
    /// @param id stable name: `file:row`
    /// @param prompt what is asked
    /// @param references accepted answers, at least one
    public record Question(String id, Prompt prompt, List<String> references) {}

    @Override
    public int size() {
        return questions.size();
    }

    @Override
    public QuestionAnswering limited(int limit) {
        return new QuestionAnswering(
                name, questions.subList(0, Math.min(limit, questions.size())), decoding);
    }

    @Override
    public TaskResult evaluate(LanguageModel model, Watch watch) {
        long start = System.nanoTime();
        List<Answered> answered = new Batches(name, watch).map(questions, b -> answer(model, b));
        int n = questions.size();
        double[] exactMatch = new double[n];
        double[] f1 = new double[n];
        double[] rougeL = new double[n];
        double[] logProbs = new double[n];
        double[] tokens = new double[n];
        List<GradedSample> samples = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            Question question = questions.get(i);
            String answer = answered.get(i).completion().text().strip();
            exactMatch[i] = best(AnswerMatch::exactMatch, answer, question);
            f1[i] = best(AnswerMatch::tokenF1, answer, question);
            rougeL[i] = best(AnswerMatch::rougeL, answer, question);
            logProbs[i] = answered.get(i).reference().logProb();
            tokens[i] = answered.get(i).reference().tokens();
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("exact_match", exactMatch[i]);
            values.put("f1", f1[i]);
            values.put("rouge_l", rougeL[i]);
            values.put("answer_logprob", logProbs[i]);
            values.put("answer_tokens", tokens[i]);
            samples.add(
                    new GradedSample(
                            question.id(),
                            question.prompt().readable(),
                            question.references(),
                            answer,
                            values));
        }
        List<Metric> metrics =
                List.of(
                        Metric.mean("exact_match", exactMatch, true),
                        Metric.mean("f1", f1, true),
                        Metric.mean("rouge_l", rougeL, true),
                        Metric.perplexity("answer_perplexity", logProbs, tokens));
        return new TaskResult(name, metrics, samples, (System.nanoTime() - start) / 1e9);
    }

    private record Answered(Completion completion, Score reference) {}

    private List<Answered> answer(LanguageModel model, List<Question> batch) {
        List<Completion> completions =
                model.generate(batch.stream().map(Question::prompt).toList(), decoding);
        List<Score> references =
                model.score(
                        batch.stream()
                                .map(q -> new ScoreRequest(q.prompt(), q.references().getFirst()))
                                .toList());
        List<Answered> answered = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            answered.add(new Answered(completions.get(i), references.get(i)));
        }
        return answered;
    }

    private static double best(
            ToDoubleBiFunction<String, String> measure, String answer, Question question) {
        return question.references().stream()
                .mapToDouble(reference -> measure.applyAsDouble(answer, reference))
                .max()
                .orElse(0);
    }
}
