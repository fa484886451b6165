package dev.tailor.eval;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Perplexity on held-out documents: per token (comparable only between models with the same
/// tokenizer), per word and per byte (comparable between all models), and bits per byte. Words are
/// counted as lm-evaluation-harness does: the pieces between runs of white space.
///
/// @param name name of the task, by convention `perplexity:DATA`
/// @param documents the documents
public record Perplexity(String name, List<Document> documents) implements Task {
    private static final Pattern WHITE_SPACE =
            Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    /// A held-out document.
    public record Document(String id, String text) {}

    @Override
    public int size() {
        return documents.size();
    }

    @Override
    public Perplexity limited(int limit) {
        return new Perplexity(name, documents.subList(0, Math.min(limit, documents.size())));
    }

    @Override
    public TaskResult evaluate(LanguageModel model, Watch watch) {
        long start = System.nanoTime();
        List<Score> scores =
                new Batches(name, watch)
                        .map(
                                documents,
                                batch ->
                                        model.scoreDocuments(
                                                batch.stream().map(Document::text).toList()));
        int n = scores.size();
        double[] logProbs = new double[n];
        double[] tokens = new double[n];
        double[] words = new double[n];
        double[] bytes = new double[n];
        List<GradedSample> samples = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Document document = documents.get(i);
            logProbs[i] = scores.get(i).logProb();
            tokens[i] = scores.get(i).tokens();
            words[i] = WHITE_SPACE.split(document.text(), -1).length;
            bytes[i] = document.text().getBytes(StandardCharsets.UTF_8).length;
            samples.add(
                    new GradedSample(
                            document.id(),
                            opening(document.text()),
                            List.of(),
                            "",
                            Map.of(
                                    "logprob", logProbs[i],
                                    "tokens", tokens[i],
                                    "words", words[i],
                                    "bytes", bytes[i])));
        }
        List<Metric> metrics =
                List.of(
                        Metric.perplexity("token_perplexity", logProbs, tokens),
                        Metric.perplexity("word_perplexity", logProbs, words),
                        Metric.perplexity("byte_perplexity", logProbs, bytes),
                        Metric.ratio("bits_per_byte", logProbs, bytes, -1 / Math.log(2)));
        return new TaskResult(name, metrics, samples, (System.nanoTime() - start) / 1e9);
    }

    /// Enough of a document to recognise it.
    private static String opening(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
