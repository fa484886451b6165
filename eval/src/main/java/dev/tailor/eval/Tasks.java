package dev.tailor.eval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataSet;
import dev.tailor.data.Sample;
import dev.tailor.text.Message;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Makes tasks of data sets.
public final class Tasks {
    private static final int FEWEST_TOKENS = 32;
    private static final int MOST_TOKENS = 512;

    private Tasks() {}

    /// What a data set measures by its kind: conversations and prompts with completions become
    /// [QuestionAnswering] with greedy decoding, preferences [PreferenceAccuracy], texts
    /// [Perplexity].
    ///
    /// @throws TailorException DATA_INVALID for data that measures nothing
    public static Task of(String name, DataSet data) {
        return switch (data.kind()) {
            case TEXT -> perplexity(name, data);
            case CHAT -> questions(name, data);
            case PREFERENCE -> preferences(name, data);
            case UNPAIRED ->
                    throw TailorException.of(
                                    ErrorCode.DATA_INVALID,
                                    "'"
                                            + name
                                            + "' holds single answers with labels, which are no"
                                            + " evaluation task")
                            .remedy("use conversations, preferences or texts");
        };
    }

    /// Perplexity of a data set's documents.
    ///
    /// @throws TailorException DATA_INVALID if it does not hold texts
    public static Perplexity perplexity(String name, DataSet data) {
        List<Perplexity.Document> documents = new ArrayList<>();
        try (Stream<Sample> samples = data.samples()) {
            samples.forEach(sample -> {
                String text =
                        switch (sample) {
                            case Sample.Text document -> document.text();
                            case Sample.Augmented document -> document.text();
                            case Sample.Chat _,
                                    Sample.PromptCompletion _,
                                    Sample.Preference _,
                                    Sample.Unpaired _ ->
                                    throw TailorException.of(
                                                    ErrorCode.DATA_INVALID,
                                                    "perplexity needs running text, this is "
                                                            + data.kind()
                                                                    .name()
                                                                    .toLowerCase(Locale.ROOT))
                                            .at(sample.origin());
                        };
                documents.add(new Perplexity.Document(sample.origin().toString(), text));
            });
        }
        return new Perplexity(name, documents);
    }

    private static QuestionAnswering questions(String name, DataSet data) {
        List<QuestionAnswering.Question> questions = new ArrayList<>();
        try (Stream<Sample> samples = data.samples()) {
            samples.forEach(sample -> {
                switch (sample) {
                    case Sample.Chat chat -> questions.add(question(chat));
                    case Sample.PromptCompletion(var origin, String prompt, String completion) ->
                            questions.add(
                                    new QuestionAnswering.Question(
                                            origin.toString(),
                                            new Prompt.Text(prompt),
                                            List.of(completion)));
                    case Sample.Text _,
                            Sample.Augmented _,
                            Sample.Preference _,
                            Sample.Unpaired _ ->
                            throw new IllegalStateException("not a chat: " + sample);
                }
            });
        }
        return new QuestionAnswering(name, questions, decoding(questions));
    }

    /// The last assistant turn is the answer, what stands before it the question.
    private static QuestionAnswering.Question question(Sample.Chat chat) {
        int last = chat.messages().size() - 1;
        while (last > 0 && !chat.messages().get(last).role().equals("assistant")) {
            last--;
        }
        return new QuestionAnswering.Question(
                chat.origin().toString(),
                new Prompt.Chat(chat.messages().subList(0, last), chat.tools()),
                List.of(String.valueOf(chat.messages().get(last).content())));
    }

    /// Room for answers half as long again as the longest reference, at about three characters a
    /// token. Plain prompts have no end-of-turn token: their answers also end at an empty line.
    private static Decoding decoding(List<QuestionAnswering.Question> questions) {
        int longest = 0;
        boolean plain = false;
        boolean emptyLines = false;
        for (QuestionAnswering.Question question : questions) {
            plain |= question.prompt() instanceof Prompt.Text;
            for (String reference : question.references()) {
                longest = Math.max(longest, reference.length());
                emptyLines |= reference.contains("\n\n");
            }
        }
        Decoding greedy = Decoding.greedy(Math.clamp(longest / 2 + 8L, FEWEST_TOKENS, MOST_TOKENS));
        return plain && !emptyLines ? greedy.withStops(List.of("\n\n")) : greedy;
    }

    private static PreferenceAccuracy preferences(String name, DataSet data) {
        List<PreferenceAccuracy.Choice> choices = new ArrayList<>();
        try (Stream<Sample> samples = data.samples()) {
            samples.forEach(sample -> {
                Sample.Preference pair = (Sample.Preference) sample;
                choices.add(
                        new PreferenceAccuracy.Choice(
                                pair.origin().toString(),
                                new Prompt.Chat(pair.prompt()),
                                answer(pair.chosen()),
                                answer(pair.rejected())));
            });
        }
        return new PreferenceAccuracy(name, choices);
    }

    private static String answer(List<Message> turn) {
        return turn.isEmpty() ? "" : String.valueOf(turn.getLast().content());
    }
}
