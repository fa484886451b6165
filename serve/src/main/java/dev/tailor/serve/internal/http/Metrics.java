package dev.tailor.serve.internal.http;

import dev.tailor.serve.internal.engine.EngineWatch;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/// What the server counts, as Prometheus reads it (text format 0.0.4).
final class Metrics implements EngineWatch {
    private static final double[] SECONDS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    };
    private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128};

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final Map<String, IntSupplier> gauges = new TreeMap<>();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder preemptions = new LongAdder();
    private final Histogram requestSeconds = new Histogram(SECONDS);
    private final Histogram firstTokenSeconds = new Histogram(SECONDS);
    private final Histogram stepSeconds = new Histogram(SECONDS);
    private final Histogram batchSizes = new Histogram(SIZES);

    /// Shows a value that goes up and down; before anything asks.
    void gauge(String name, IntSupplier value) {
        gauges.put(name, value);
    }

    /// A request was answered.
    void answered(String route, int status, double seconds) {
        requests.computeIfAbsent(
                        "route=\"%s\",status=\"%d\"".formatted(route, status),
                        labels -> new LongAdder())
                .increment();
        requestSeconds.add(seconds);
    }

    /// A client left before its answer was complete.
    void left() {
        cancelled.increment();
    }

    @Override
    public void stepped(int sequences, int prompt, int generated, double seconds) {
        promptTokens.add(prompt);
        generatedTokens.add(generated);
        batchSizes.add(sequences);
        stepSeconds.add(seconds);
    }

    @Override
    public void firstToken(double seconds) {
        firstTokenSeconds.add(seconds);
    }

    @Override
    public void preempted() {
        preemptions.increment();
    }

    /// Everything, line by line.
    String text() {
        StringBuilder text = new StringBuilder();
        head(text, "tailor_requests_total", "counter", "Requests answered.");
        requests.forEach((labels, count) ->
                line(text, "tailor_requests_total{" + labels + "}", count.sum()));
        counter(text, "tailor_prompt_tokens_total", "Tokens of prompts read.", promptTokens);
        counter(text, "tailor_generated_tokens_total", "Tokens generated.", generatedTokens);
        counter(text, "tailor_requests_cancelled_total", "Clients that left early.", cancelled);
        counter(
                text,
                "tailor_preemptions_total",
                "Sequences that gave their room to others for a while.",
                preemptions);
        gauges.forEach((name, value) -> {
            head(text, name, "gauge", name.replace('_', ' ') + ".");
            line(text, name, value.getAsInt());
        });
        histogram(text, "tailor_request_seconds", "Time of whole requests.", requestSeconds);
        histogram(
                text,
                "tailor_first_token_seconds",
                "Time from a request to its first token.",
                firstTokenSeconds);
        histogram(text, "tailor_step_seconds", "Time of steps of the engine.", stepSeconds);
        histogram(text, "tailor_batch_size", "Sequences of steps.", batchSizes);
        return text.toString();
    }

    private static void counter(StringBuilder text, String name, String help, LongAdder count) {
        head(text, name, "counter", help);
        line(text, name, count.sum());
    }

    private static void histogram(StringBuilder text, String name, String help, Histogram values) {
        head(text, name, "histogram", help);
        values.write(text, name);
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder text, String name, long value) {
        text.append(name).append(' ').append(value).append('\n');
    }

    /// Counts of values up to some bounds.
    private static final class Histogram {
        private final double[] bounds;
        private final long[] counts;
        private double sum;

        Histogram(double[] bounds) {
            this.bounds = bounds;
            this.counts = new long[bounds.length + 1];
        }

        synchronized void add(double value) {
            int bucket = 0;
            while (bucket < bounds.length && value > bounds[bucket]) {
                bucket++;
            }
            counts[bucket]++;
            sum += value;
        }

        synchronized void write(StringBuilder text, String name) {
            long below = 0;
            for (int i = 0; i < bounds.length; i++) {
                below += counts[i];
                line(text, "%s_bucket{le=\"%s\"}".formatted(name, bounds[i]), below);
            }
            below += counts[bounds.length];
            line(text, name + "_bucket{le=\"+Inf\"}", below);
            text.append(String.format(Locale.ROOT, "%s_sum %s%n", name, sum));
            line(text, name + "_count", below);
        }
    }
}
