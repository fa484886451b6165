package dev.tailor.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Whether a model finds the preferred of two answers the more likely one. Figures:
///
/// - `accuracy`: by the whole answer's log-probability
/// - `accuracy_per_token`: by the mean log-probability per token, which does not favour the shorter
///   answer
/// - `margin`: mean difference of the log-probabilities per token
///
/// @param name name of the task
/// @param choices the pairs
public record PreferenceAccuracy(String name, List<Choice> choices) implements Task {
    /// A pair of answers to one prompt.
    public record Choice(String id, Prompt prompt, String chosen, String rejected) {}

    @Override
    public int size() {
        return choices.size();
    }

    @Override
    public PreferenceAccuracy limited(int limit) {
        return new PreferenceAccuracy(name, choices.subList(0, Math.min(limit, choices.size())));
    }

    @Override
    public TaskResult evaluate(LanguageModel model, Watch watch) {
        long start = System.nanoTime();
        List<Pair> pairs = new Batches(name, watch).map(choices, batch -> score(model, batch));
        int n = choices.size();
        double[] accuracy = new double[n];
        double[] perToken = new double[n];
        double[] margin = new double[n];
        List<GradedSample> samples = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            Choice choice = choices.get(i);
            Score chosen = pairs.get(i).chosen();
            Score rejected = pairs.get(i).rejected();
            margin[i] = chosen.perToken() - rejected.perToken();
            accuracy[i] = chosen.logProb() > rejected.logProb() ? 1 : 0;
            perToken[i] = margin[i] > 0 ? 1 : 0;
            samples.add(
                    new GradedSample(
                            choice.id(),
                            choice.prompt().readable(),
                            List.of(choice.chosen()),
                            choice.rejected(),
                            Map.of(
                                    "accuracy", accuracy[i],
                                    "accuracy_per_token", perToken[i],
                                    "margin", margin[i])));
        }
        List<Metric> metrics =
                List.of(
                        Metric.mean("accuracy", accuracy, true),
                        Metric.mean("accuracy_per_token", perToken, true),
                        Metric.mean("margin", margin, true));
        return new TaskResult(name, metrics, samples, (System.nanoTime() - start) / 1e9);
    }

    private record Pair(Score chosen, Score rejected) {}

    private static List<Pair> score(LanguageModel model, List<Choice> batch) {
        List<ScoreRequest> requests = new ArrayList<>();
        for (Choice choice : batch) {
            requests.add(new ScoreRequest(choice.prompt(), choice.chosen()));
            requests.add(new ScoreRequest(choice.prompt(), choice.rejected()));
        }
        List<Score> scores = model.score(requests);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            pairs.add(new Pair(scores.get(2 * i), scores.get(2 * i + 1)));
        }
        return pairs;
    }
}
