package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.harness.RequestCache.Reply;
import dev.tailor.eval.internal.harness.AnswerMeasure;
import dev.tailor.eval.internal.harness.CodeTests;
import dev.tailor.eval.internal.harness.CorpusScore;
import dev.tailor.eval.internal.harness.ExactMatch;
import dev.tailor.eval.internal.harness.Twins;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Turns a model's replies to a sample into the values of the task's metrics.
final class Grader {
    private static final Pattern WHITE_SPACE =
            Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private final TaskConfig task;
    private final Optional<CodeRunner> code;
    private final Map<String, ExactMatch> matches = new LinkedHashMap<>();

    Grader(TaskConfig task, Optional<CodeRunner> code) {
        this.task = task;
        this.code = code;
        for (MetricSpec metric : task.grading().metrics()) {
            matches.put(metric.name(), new ExactMatch(metric.ignore()));
        }
    }

    private boolean wants(String metric) {
        return matches.containsKey(metric);
    }

    private void put(Map<String, double[]> values, String metric, double... value) {
        if (wants(metric)) {
            values.put(metric, value);
        }
    }

    /// The target after its context.
    Map<String, double[]> likelihood(Reply reply) {
        Map<String, double[]> values = new LinkedHashMap<>();
        put(values, "perplexity", reply.logProb());
        put(values, "acc", reply.greedy() ? 1 : 0);
        return values;
    }

    /// A whole document.
    Map<String, double[]> document(Question question, Reply reply) {
        String text =
                task.grading().grader().flatMap(Twins::grader).isPresent()
                                && question.row().fields().get("page") instanceof String page
                        ? page
                        : question.targetText();
        double words = WHITE_SPACE.split(text, -1).length;
        double bytes = text.getBytes(StandardCharsets.UTF_8).length;
        Map<String, double[]> values = new LinkedHashMap<>();
        put(values, "word_perplexity", reply.logProb(), words);
        put(values, "byte_perplexity", reply.logProb(), bytes);
        put(values, "bits_per_byte", reply.logProb(), bytes);
        return values;
    }

    /// The choices of a sample.
    ///
    /// @param unconditional the choices without context; empty unless `acc_mutual_info` is wanted
    Map<String, double[]> choices(
            Question question, List<Reply> replies, List<Reply> unconditional) {
        List<String> choices = question.choices();
        double[] logProbs = replies.stream().mapToDouble(Reply::logProb).toArray();
        if (task.grading().grader().isPresent()) {
            return Map.of("acc", new double[] {trueShare(question, logProbs)});
        }
        List<Integer> gold = gold(question);
        int likeliest = best(logProbs);
        Map<String, double[]> values = new LinkedHashMap<>();
        put(values, "acc", hit(gold, likeliest));
        put(values, "f1", gold.getFirst(), likeliest);
        put(values, "mcc", gold.getFirst(), likeliest);
        put(
                values,
                "acc_norm",
                hit(gold, best(per(logProbs, choices, c -> c.codePointCount(0, c.length())))));
        put(
                values,
                "acc_bytes",
                hit(
                        gold,
                        best(
                                per(
                                        logProbs,
                                        choices,
                                        c -> c.getBytes(StandardCharsets.UTF_8).length))));
        boolean greedy = gold.stream().anyMatch(g -> g >= 0 && replies.get(g).greedy());
        put(values, "exact_match", greedy ? 1 : 0);
        if (gold.getFirst() >= 0) {
            put(values, "brier_score", brier(logProbs, gold.getFirst()));
        }
        if (!unconditional.isEmpty()) {
            double[] gains = logProbs.clone();
            for (int i = 0; i < gains.length; i++) {
                gains[i] -= unconditional.get(i).logProb();
            }
            put(values, "acc_mutual_info", hit(gold, best(gains)));
        }
        return values;
    }

    private static double hit(List<Integer> gold, int choice) {
        return gold.contains(choice) ? 1 : 0;
    }

    private static double[] per(
            double[] logProbs, List<String> choices, ToDoubleFunction<String> length) {
        return IntStream.range(0, logProbs.length)
                .mapToDouble(i -> logProbs[i] / length.applyAsDouble(choices.get(i)))
                .toArray();
    }

    private static int best(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    private static double brier(double[] logProbs, int gold) {
        double[] shares = shares(logProbs);
        double squares = 0;
        for (int i = 0; i < shares.length; i++) {
            double distance = shares[i] - (i == gold ? 1 : 0);
            squares += distance * distance;
        }
        return squares;
    }

    private static double[] shares(double[] logProbs) {
        double most = logProbs[best(logProbs)];
        double[] shares =
                IntStream.range(0, logProbs.length)
                        .mapToDouble(i -> Math.exp(logProbs[i] - most))
                        .toArray();
        double sum = 0;
        for (double share : shares) {
            sum += share;
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    private static double trueShare(Question question, double[] logProbs) {
        if (!(question.row().fields().get("mc2_targets") instanceof Map<?, ?> targets)
                || !(targets.get("labels") instanceof List<?> labels)
                || labels.size() != logProbs.length) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "the column 'mc2_targets.labels' must have a label for each choice")
                    .at(question.row().origin());
        }
        double[] shares = shares(logProbs);
        double share = 0;
        for (int i = 0; i < shares.length; i++) {
            share += labels.get(i) instanceof Long label && label == 1 ? shares[i] : 0;
        }
        return share;
    }

    /// The indices of the right choices; -1 where there is no such choice, which nothing hits.
    List<Integer> gold(Question question) {
        Object gold = question.hasManyContexts() ? question.text() : question.target();
        List<Integer> indices = new ArrayList<>();
        for (Object each : gold instanceof List<?> list && !list.isEmpty() ? list : List.of(gold)) {
            indices.add(
                    switch (each) {
                        case Long index when index >= 0 && index < question.choices().size() ->
                                index.intValue();
                        case Boolean truth -> truth ? 1 : 0;
                        case Double index
                                when index == Math.rint(index)
                                        && index >= 0
                                        && index < question.choices().size() ->
                                index.intValue();
                        case String text -> question.choices().indexOf(text);
                        default -> -1;
                    });
        }
        return indices;
    }

    /// An answer.
    Map<String, double[]> answer(Question question, List<String> filtered) {
        Map<String, double[]> values = new LinkedHashMap<>();
        matches.forEach((metric, match) -> {
            String answer = filtered.isEmpty() ? "" : filtered.getFirst();
            Optional<CorpusScore> score = CorpusScore.of(metric);
            values.put(
                    metric,
                    score.isPresent()
                            ? score.get().statistics(answer, references(question))
                            : new double[] {
                                filtered.isEmpty() ? 0 : value(metric, match, question, answer)
                            });
        });
        return values;
    }

    /// The best over the references.
    private double value(String metric, ExactMatch match, Question question, String answer) {
        if (metric.equals(CodeTests.METRIC)) {
            String program = CodeTests.program(question.row().fields(), answer);
            return code.orElseThrow().passes(program) ? 1 : 0;
        }
        Optional<AnswerMeasure> measure = AnswerMeasure.of(metric);
        return references(question).stream()
                .mapToDouble(reference ->
                        measure.isPresent()
                                ? measure.get().of(answer, reference)
                                : match.holds(answer, reference) ? 1 : 0)
                .max()
                .orElse(0);
    }

    private static List<String> references(Question question) {
        if (question.target() instanceof List<?> list && question.choices().isEmpty()) {
            return list.stream().map(RowReader::python).toList();
        }
        return List.of(question.targetText());
    }
}
