package dev.tailor.workflow.model;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Seed;
import dev.tailor.eval.Completion;
import dev.tailor.eval.Decoding;
import dev.tailor.eval.LanguageModel;
import dev.tailor.eval.Prompt;
import dev.tailor.eval.Score;
import dev.tailor.eval.ScoreRequest;
import dev.tailor.torch.FinishReason;
import dev.tailor.torch.Generated;
import dev.tailor.torch.Generator;
import dev.tailor.torch.SamplingSettings;
import dev.tailor.torch.TokenSink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// A model in this process, as evaluation asks it. Contexts longer than the model's are cut at
/// their beginning, as lm-evaluation-harness does.
public final class TorchLanguageModel implements LanguageModel {
    /// Documents are scored in windows of at most so many tokens, also by models that could read
    /// longer ones: attention over more costs time that no figure repays.
    private static final int LONGEST_WINDOW = 4096;

    private final String name;
    private final LoadedModel loaded;
    private final Cancellation cancellation;
    private final TokenScoring scoring;
    private final Encoding encoding;
    private final int contextLength;
    private long shortened;

    /// Asks `loaded`, and closes it in the end. `name` is what boards show.
    public TorchLanguageModel(String name, LoadedModel loaded, Cancellation cancellation) {
        this.name = name;
        this.cancellation = cancellation;
        this.loaded = loaded;
        this.scoring = new TokenScoring(loaded.model(), cancellation);
        this.encoding = new Encoding(loaded.tokenizer());
        this.contextLength = loaded.model().config().maxPositions();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Score> score(List<ScoreRequest> requests) {
        return scoring.score(requests.stream().map(this::sequence).toList());
    }

    private TokenSequence sequence(ScoreRequest request) {
        return switch (request.context()) {
            case Prompt.Text(String text) ->
                    fitted(encoding.continuation(text, request.continuation()));
            case Prompt.Chat(var messages, var tools) -> {
                int[] context = loaded.chat().tokens(messages, tools);
                int[] continuation = loaded.tokenizer().encodeOrdinary(request.continuation());
                yield fitted(
                        new TokenSequence(Encoding.concat(context, continuation), context.length));
            }
        };
    }

    /// The sequence without what is too much of its context. The last token is only predicted, so
    /// that one more than the model reads has room.
    private TokenSequence fitted(TokenSequence sequence) {
        int excess = Math.min(sequence.tokens().length - contextLength - 1, sequence.context() - 1);
        if (excess <= 0) {
            return sequence;
        }
        shortened++;
        return new TokenSequence(
                Arrays.copyOfRange(sequence.tokens(), excess, sequence.tokens().length),
                sequence.context() - excess);
    }

    @Override
    public long shortened() {
        return shortened;
    }

    @Override
    public List<Score> scoreDocuments(List<String> documents) {
        return scoreDocuments(documents, false);
    }

    @Override
    public List<Score> scoreBegunDocuments(List<String> documents) {
        return scoreDocuments(documents, true);
    }

    private List<Score> scoreDocuments(List<String> documents, boolean begun) {
        List<TokenSequence> windows = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        for (String document : documents) {
            windows.addAll(windows(loaded.tokenizer().encode(document, begun)));
            ends.add(windows.size());
        }
        List<Score> scores = scoring.score(windows);
        List<Score> joined = new ArrayList<>();
        int start = 0;
        for (int end : ends) {
            joined.add(joined(scores.subList(start, end)));
            start = end;
        }
        return joined;
    }

    /// Windows that together predict every token once, each at most the context's length and one
    /// token more, which is only predicted. The first begins with the beginning-of-text token, each
    /// other one with the last token of the one before; the last one reaches back as far as the
    /// model reads.
    private List<TokenSequence> windows(int[] document) {
        int[] tokens = Encoding.concat(encoding.prefix(), document);
        int length = Math.min(contextLength, LONGEST_WINDOW);
        List<TokenSequence> windows = new ArrayList<>();
        for (int start = 0; start + 1 < tokens.length; start += length) {
            int end = Math.min(tokens.length, start + length + 1);
            int from = Math.max(0, end - length - 1);
            windows.add(new TokenSequence(Arrays.copyOfRange(tokens, from, end), start - from + 1));
        }
        return windows;
    }

    private static Score joined(List<Score> windows) {
        float[] tokens = new float[windows.stream().mapToInt(Score::tokens).sum()];
        boolean greedy = true;
        int at = 0;
        for (Score window : windows) {
            System.arraycopy(window.tokenLogProbs(), 0, tokens, at, window.tokens());
            at += window.tokens();
            greedy &= window.greedy();
        }
        return Score.of(tokens, greedy);
    }

    @Override
    public List<Completion> generate(List<Prompt> prompts, Decoding decoding) {
        StopStrings stops = new StopStrings(loaded.tokenizer(), decoding.stops());
        boolean chats = prompts.stream().anyMatch(Prompt.Chat.class::isInstance);
        Set<Integer> stopIds = chats ? loaded.chat().stopIds() : loaded.tokenizer().stopIds();
        List<Generated> generated =
                new Generator(loaded.model())
                        .generate(
                                prompts.stream().map(p -> prompt(p, decoding.maxTokens())).toList(),
                                settings(decoding),
                                stopIds,
                                new Seed(decoding.seed()),
                                (sequence, tokens) -> {
                                    cancellation.check();
                                    return stops.shouldStop(sequence, tokens);
                                },
                                TokenSink.none());
        List<Completion> completions = new ArrayList<>();
        for (Generated each : generated) {
            completions.add(
                    new Completion(
                            stops.cut(loaded.tokenizer().decode(each.tokens(), true)),
                            each.tokens().length,
                            each.reason() == FinishReason.STOP));
        }
        return completions;
    }

    private int[] prompt(Prompt prompt, int maxTokens) {
        int[] tokens =
                switch (prompt) {
                    case Prompt.Text(String text) -> loaded.promptTokens(text);
                    case Prompt.Chat(var messages, var tools) ->
                            loaded.chat().tokens(messages, tools);
                };
        int room = Math.max(1, contextLength - maxTokens);
        if (tokens.length <= room) {
            return tokens;
        }
        shortened++;
        return Arrays.copyOfRange(tokens, tokens.length - room, tokens.length);
    }

    private static SamplingSettings settings(Decoding decoding) {
        return new SamplingSettings(
                decoding.temperature(), 0, decoding.topP(), 0, 1, decoding.maxTokens());
    }

    @Override
    public void close() {
        loaded.close();
    }
}
