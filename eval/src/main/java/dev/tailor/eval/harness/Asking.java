package dev.tailor.eval.harness;

import dev.tailor.core.Event;
import dev.tailor.eval.Completion;
import dev.tailor.eval.Decoding;
import dev.tailor.eval.LanguageModel;
import dev.tailor.eval.Prompt;
import dev.tailor.eval.Score;
import dev.tailor.eval.ScoreRequest;
import dev.tailor.eval.Task;
import dev.tailor.eval.harness.RequestCache.Reply;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/// Asks a model what is not known yet: equal requests once, the longest first, in batches of
/// similar length; replies are kept batch by batch.
final class Asking {
    /// Characters of a batch: enough for the model to pack, few enough for lively progress.
    private static final int BATCH_CHARACTERS = 48_000;

    private static final int BATCH = 256;
    private static final int GENERATED_AT_ONCE = 32;

    private final LanguageModel model;
    private final RequestCache cache;
    private final Task.Watch watch;
    private final String title;

    Asking(LanguageModel model, RequestCache cache, Task.Watch watch, String title) {
        this.model = model;
        this.cache = cache;
        this.watch = watch;
        this.title = title;
    }

    /// Log-probability of each continuation after its context.
    List<Reply> scores(List<Pair> pairs) {
        return replies(
                pairs,
                pair -> cache.key("loglikelihood", List.of(pair.context(), pair.continuation())),
                pair -> pair.context().length(),
                BATCH,
                batch -> {
                    List<Score> scores =
                            model.score(
                                    batch.stream()
                                            .map(pair ->
                                                    new ScoreRequest(
                                                            new Prompt.Text(pair.context()),
                                                            pair.continuation()))
                                            .toList());
                    return scores.stream().map(Asking::reply).toList();
                });
    }

    /// Log-probability of whole documents.
    List<Reply> documents(List<String> documents) {
        return replies(
                documents,
                text -> cache.key("loglikelihood_rolling", List.of(text)),
                String::length,
                BATCH,
                batch -> model.scoreBegunDocuments(batch).stream().map(Asking::reply).toList());
    }

    /// An answer to each prompt.
    List<Reply> answers(List<String> prompts, Decoding decoding) {
        return replies(
                prompts,
                prompt -> cache.key("generate_until", List.of(decoding.toString(), prompt)),
                String::length,
                GENERATED_AT_ONCE,
                batch -> {
                    List<Prompt> texts = new ArrayList<>();
                    batch.forEach(text -> texts.add(new Prompt.Text(text)));
                    List<Completion> completions = model.generate(texts, decoding);
                    return completions.stream().map(c -> new Reply(0, false, c.text())).toList();
                });
    }

    private static Reply reply(Score score) {
        return new Reply(score.logProb(), score.greedy(), "");
    }

    private <T> List<Reply> replies(
            List<T> requests,
            Function<T, String> key,
            ToIntFunction<T> length,
            int most,
            Function<List<T>, List<Reply>> ask) {
        Map<String, T> open = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>(requests.size());
        for (T request : requests) {
            String own = key.apply(request);
            keys.add(own);
            if (cache.get(own) == null) {
                open.putIfAbsent(own, request);
            }
        }
        List<Map.Entry<String, T>> order = new ArrayList<>(open.entrySet());
        order.sort(Comparator.comparingInt(entry -> -length.applyAsInt(entry.getValue())));
        watch.listener().on(new Event.StageStarted(watch.stage(), title, order.size()));
        for (int from = 0; from < order.size(); ) {
            watch.cancellation().check();
            int to = from;
            long characters = 0;
            while (to < order.size() && to - from < most && characters < BATCH_CHARACTERS) {
                characters += length.applyAsInt(order.get(to++).getValue());
            }
            List<Map.Entry<String, T>> batch = order.subList(from, to);
            List<Reply> replies = ask.apply(batch.stream().map(Map.Entry::getValue).toList());
            for (int i = 0; i < batch.size(); i++) {
                cache.put(batch.get(i).getKey(), replies.get(i));
            }
            cache.flush();
            from = to;
            watch.listener().on(new Event.Step(watch.stage(), to, order.size(), Map.of()));
        }
        return keys.stream().map(own -> Objects.requireNonNull(cache.get(own))).toList();
    }

    /// A context and what may follow it.
    record Pair(String context, String continuation) {}
}
