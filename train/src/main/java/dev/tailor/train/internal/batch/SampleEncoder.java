package dev.tailor.train.internal.batch;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.data.Sample;
import dev.tailor.text.Message;
import dev.tailor.text.Tokenizer;
import dev.tailor.text.TrainOn;
import dev.tailor.train.Augmentation;
import dev.tailor.train.Objective;
import dev.tailor.train.Objective.CausalLm;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.Objective.Preference;
import dev.tailor.train.Objective.Supervised;
import dev.tailor.train.Objective.Unpaired;
import dev.tailor.train.internal.batch.ConversationEncoder.Conversation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Turns samples into what an objective learns from them. Safe for use by several threads.
///
/// @param positions positions a row has
record SampleEncoder(
        Objective objective, int positions, PlainText text, ConversationEncoder conversations) {
    /// An encoder with the tokenizer and chat template of a model directory.
    static SampleEncoder of(Path model, Tokenizer tokenizer, Objective objective, int positions) {
        return new SampleEncoder(
                objective,
                positions,
                new PlainText(tokenizer),
                new TemplateConversations(model, tokenizer));
    }

    private static final String SINGLE = "answers marked as wanted or unwanted, or pairs";

    /// Whether what was asked should only be read.
    boolean learnsAnswersOnly() {
        return switch (objective) {
            case CausalLm causal -> false;
            case Supervised supervised -> supervised.trainOn() != TrainOn.ALL;
            case Distillation distillation -> false;
            case Preference preference -> true;
            case Unpaired unpaired -> true;
        };
    }

    /// Encodes one sample.
    ///
    /// @throws TailorException `DATA_INVALID` for a sample of a kind the objective cannot learn
    ///   from
    Encoded encode(Sample sample) {
        try {
            return switch (objective) {
                case CausalLm causal -> causal(sample);
                case Supervised supervised -> supervised(sample, supervised.trainOn());
                case Preference preference -> preference(sample);
                case Unpaired unpaired -> answers(sample);
                case Distillation distillation ->
                        sample instanceof Sample.Text || sample instanceof Sample.Augmented
                                ? causal(sample)
                                : supervised(sample, distillation.trainOn());
            };
        } catch (TailorException e) {
            if (e.code() == ErrorCode.TEMPLATE_INVALID) {
                return Encoded.dropped("the chat template refuses it: " + e.getMessage());
            }
            throw e;
        }
    }

    private Encoded causal(Sample sample) {
        return switch (sample) {
            case Sample.Text document -> pieces(text.document(document.text()));
            case Sample.Augmented augmented -> alone(augmented);
            case Sample.PromptCompletion pair ->
                    pieces(text.document(pair.prompt() + pair.completion()));
            case Sample.Chat chat ->
                    pieces(
                            conversations
                                    .encode(chat.messages(), chat.tools(), 0, TrainOn.ALL)
                                    .sequence());
            case Sample.Preference pair -> throw wrongKind(pair, "text");
            case Sample.Unpaired answer -> throw wrongKind(answer, "text");
        };
    }

    /// A text with its questions alone, to be looked at: when it is learnt, it may stand in a
    /// chain.
    private Encoded alone(Sample.Augmented sample) {
        List<Encoded> encoded = new ArrayList<>();
        ChainEncoder chains =
                new ChainEncoder(
                        Augmentation.single(),
                        text,
                        positions,
                        new Seed(0),
                        (origin, chain) -> encoded.add(chain));
        chains.add(sample);
        return encoded.getFirst();
    }

    /// Gathers texts with questions and answers into chains, as the objective wants them.
    ChainEncoder chains(Seed seed, ChainEncoder.Sink sink) {
        Augmentation augmentation =
                objective instanceof CausalLm causal
                        ? causal.augmentation()
                        : Augmentation.single();
        return new ChainEncoder(augmentation, text, positions, seed.of("chains"), sink);
    }

    private Encoded pieces(Sequence document) {
        if (document.tokens().length < 2) {
            return Encoded.dropped("fewer than two tokens");
        }
        return document.trainedTokens() == 0
                ? Encoded.dropped(Cut.NOTHING)
                : Encoded.of(Cut.pieces(document, positions), false);
    }

    private Encoded supervised(Sample sample, TrainOn what) {
        return switch (sample) {
            case Sample.Chat chat -> {
                Conversation conversation =
                        conversations.encode(
                                chat.messages(), chat.tools(), chat.firstTrained(), what);
                yield conversation.sequence().trainedTokens() == 0 && hasWeights(chat.messages())
                        ? Encoded.dropped(Cut.NOTHING + ": its weights leave nothing")
                        : Cut.truncated(conversation.sequence(), positions)
                                .from(conversation.withoutSpans());
            }
            case Sample.PromptCompletion pair ->
                    Cut.truncated(text.completion(pair.prompt(), pair.completion()), positions);
            case Sample.Text document -> throw wrongKind(document, "conversations or completions");
            case Sample.Augmented document ->
                    throw wrongKind(document, "conversations or completions");
            case Sample.Preference pair -> throw wrongKind(pair, "conversations or completions");
            case Sample.Unpaired answer -> throw wrongKind(answer, "conversations or completions");
        };
    }

    private static boolean hasWeights(List<Message> messages) {
        return messages.stream().anyMatch(message -> !message.weights().isEmpty());
    }

    private Encoded preference(Sample sample) {
        if (!(sample instanceof Sample.Preference pair)) {
            throw wrongKind(sample, "pairs of a chosen and a rejected answer");
        }
        Conversation chosen = answer(pair.prompt(), pair.chosen());
        Conversation rejected = answer(pair.prompt(), pair.rejected());
        return Cut.pair(chosen.sequence(), rejected.sequence(), positions)
                .from(chosen.withoutSpans());
    }

    /// Single answers; of a pair, both.
    private Encoded answers(Sample sample) {
        return switch (sample) {
            case Sample.Unpaired single -> {
                Conversation answer = answer(single.prompt(), single.completion());
                yield Cut.truncated(answer.sequence().as(single.desirable()), positions)
                        .from(answer.withoutSpans());
            }
            case Sample.Preference pair -> {
                Encoded both = preference(pair);
                yield both.dropped().isPresent()
                        ? both
                        : new Encoded(
                                List.of(
                                        both.sequences().getFirst(),
                                        both.sequences().getLast().as(false)),
                                both.truncated(),
                                both.withoutSpans(),
                                both.dropped());
            }
            case Sample.Text document -> throw wrongKind(document, SINGLE);
            case Sample.Augmented document -> throw wrongKind(document, SINGLE);
            case Sample.PromptCompletion pair -> throw wrongKind(pair, SINGLE);
            case Sample.Chat chat -> throw wrongKind(chat, SINGLE);
        };
    }

    private Conversation answer(List<Message> prompt, List<Message> answer) {
        List<Message> messages = Stream.concat(prompt.stream(), answer.stream()).toList();
        return conversations.encode(messages, List.of(), prompt.size(), TrainOn.ASSISTANT);
    }

    private static TailorException wrongKind(Sample sample, String wanted) {
        return TailorException.of(ErrorCode.DATA_INVALID, "this stage learns from " + wanted)
                .at(sample.origin())
                .remedy("choose another stage for this data, or other data");
    }
}
