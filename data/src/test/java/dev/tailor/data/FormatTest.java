package dev.tailor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.Message;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Each format is recognised, with a reason, and becomes the right sample.
class FormatTest {
    @TempDir Path directory;

    @Test
    void text_column_isText() throws IOException {
        DataSet data = jsonl("{\"text\":\"one\",\"source\":\"x\"}", "{\"text\":\"two\"}");

        assertThat(data.format()).isEqualTo(Format.TEXT);
        assertThat(data.reason()).contains("first 2 rows").contains("'text'");
        assertThat(texts(data)).containsExactly("one", "two");
        assertThat(data.report().unusedColumns()).containsExactly("source");
    }

    @Test
    void augmented_textWithPairs_keepsRawTextBesideIt() throws IOException {
        DataSet data =
                jsonl(
                        "{\"text\":\"raw\"}",
                        "{\"text\":\"more raw\",\"pairs\":[]}",
                        "{\"text\":\"one\",\"source\":\"wiki\",\"pairs\":[{\"question\":\"q\",\"answer\":\"a\"},"
                            + "{\"instruction\":\"i\",\"input\":\"x\",\"response\":\"r\"}]}",
                        "{\"context\":\"two\",\"QA_list\":[{\"Q\":\"q\",\"A\":\"a\"}]}");

        List<Sample> samples = data.toList();

        assertThat(data.format()).isEqualTo(Format.AUGMENTED);
        assertThat(data.kind()).isEqualTo(DataKind.TEXT);
        assertThat(samples.subList(0, 2)).hasOnlyElementsOfType(Sample.Text.class);
        assertThat((Sample.Augmented) samples.get(2))
                .returns("one", Sample.Augmented::text)
                .returns(java.util.Optional.of("wiki"), Sample.Augmented::source)
                .returns(
                        List.of(
                                new Sample.Augmented.Pair("q", "a"),
                                new Sample.Augmented.Pair("i\nx", "r")),
                        Sample.Augmented::pairs);
        assertThat((Sample.Augmented) samples.get(3))
                .returns("two", Sample.Augmented::text)
                .returns(List.of(new Sample.Augmented.Pair("q", "a")), Sample.Augmented::pairs);
        assertThat(data.report().unusedColumns()).isEmpty();
    }

    @Test
    void augmented_optionsAndReasoning_standInQuestionAndAnswer() throws IOException {
        DataSet data =
                jsonl(
                        "{\"text\":\"t\",\"pairs\":[{\"question\":\"Which?\",\"options\":[\"x\",\"y\"],"
                            + "\"reasoning\":\"Because.\",\"answer\":\"x\"}]}");

        assertThat(((Sample.Augmented) data.toList().getFirst()).pairs())
                .containsExactly(
                        new Sample.Augmented.Pair(
                                "Which?\nOptions:\n- x\n- y\nLet's think step by step.",
                                "Because.\nTherefore, the answer is x"));
    }

    @Test
    void augmented_wrongPairs_areLeftOutWithTheirPlace() throws IOException {
        DataSet data =
                jsonl(
                        "{\"text\":\"t\",\"pairs\":[{\"question\":\"q\",\"answer\":\"a\"}]}",
                        "{\"text\":\"t\",\"pairs\":[{\"question\":\"q\"}]}",
                        "{\"text\":\"t\",\"pairs\":[{\"question\":\"q\",\"answer\":\" \"}]}",
                        "{\"text\":\"t\",\"pairs\":[\"q\"]}",
                        "{\"text\":\"\",\"pairs\":[{\"question\":\"q\",\"answer\":\"a\"}]}");

        assertThat(data.toList()).hasSize(1);
        assertThat(data.report().rejections())
                .extracting(r -> r.origin().line() + " " + r.reason())
                .containsExactly(
                        "2 no column 'answer'",
                        "3 'answer' is empty",
                        "4 'pairs' holds something that is not a question with its answer",
                        "5 'text' is empty");
    }

    @Test
    void alpaca_withInputSystemAndHistory_isOneConversation() throws IOException {
        DataSet data =
                jsonl(
                        "{\"instruction\":\"Add.\",\"input\":\"1+2\",\"output\":\"3\",\"system\":\"Be"
                            + " brief.\",\"history\":[[\"hi\",\"hello\"]]}");

        assertThat(data.format()).isEqualTo(Format.ALPACA);
        assertThat(said(chat(data).messages()))
                .containsExactly(
                        "system: Be brief.",
                        "user: hi",
                        "assistant: hello",
                        "user: Add.\n1+2",
                        "assistant: 3");
    }

    @Test
    void sharegpt_withToolCalls_isInTheTemplatesShape() throws IOException {
        DataSet data =
                jsonl(
                        """
                        {"conversations":[{"from":"human","value":"Weather?"},\
                        {"from":"function_call","value":"{\\"name\\":\\"w\\",\\"arguments\\":{\\"at\\":\\"Bonn\\"}}"},\
                        {"from":"observation","value":"rain"},{"from":"gpt","value":"Rain."}],\
                        "system":"S","tools":"[{\\"name\\":\\"w\\",\\"parameters\\":{}}]"}\
                        """);

        Sample.Chat chat = chat(data);
        assertThat(data.format()).isEqualTo(Format.SHAREGPT);
        assertThat(said(chat.messages()))
                .containsExactly(
                        "system: S",
                        "user: Weather?",
                        "assistant: ",
                        "tool: rain",
                        "assistant: Rain.");
        assertThat(chat.messages().get(2).rest().get("tool_calls"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "type",
                                        "function",
                                        "function",
                                        Map.of("name", "w", "arguments", Map.of("at", "Bonn")))));
        assertThat(chat.tools())
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "type",
                                        "function",
                                        "function",
                                        Map.of("name", "w", "parameters", Map.of()))));
    }

    @Test
    void messages_withPartsAndNulls_areText() throws IOException {
        DataSet data =
                jsonl(
                        """
                        {"messages":[{"role":"user","content":[{"type":"text","text":"a"},\
                        {"type":"text","text":"b"}]},{"role":"assistant","content":"c","name":null}]}\
                        """);

        assertThat(data.format()).isEqualTo(Format.MESSAGES);
        assertThat(said(chat(data).messages())).containsExactly("user: ab", "assistant: c");
        assertThat(chat(data).messages().getLast().rest()).isEmpty();
    }

    @Test
    void promptCompletion_asText_staysText() throws IOException {
        DataSet data = jsonl("{\"prompt\":\"2+2=\",\"completion\":\"4\"}");

        assertThat(data.format()).isEqualTo(Format.PROMPT_COMPLETION);
        assertThat(data.toList().getFirst())
                .isInstanceOfSatisfying(
                        Sample.PromptCompletion.class,
                        pair -> {
                            assertThat(pair.prompt()).isEqualTo("2+2=");
                            assertThat(pair.completion()).isEqualTo("4");
                        });
    }

    @Test
    void promptCompletion_asMessages_trainsTheCompletionOnly() throws IOException {
        DataSet data =
                jsonl(
                        """
                        {"prompt":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},\
                        {"role":"user","content":"c"}],"completion":[{"role":"assistant","content":"d"}]}\
                        """);

        assertThat(chat(data).firstTrained()).isEqualTo(3);
        assertThat(said(chat(data).messages()))
                .containsExactly("user: a", "assistant: b", "user: c", "assistant: d");
    }

    @Test
    void questionAnswer_isAConversation() throws IOException {
        DataSet data = jsonl("{\"question\":\"Why?\",\"answer\":\"Because.\"}");

        assertThat(data.format()).isEqualTo(Format.QUESTION_ANSWER);
        assertThat(said(chat(data).messages()))
                .containsExactly("user: Why?", "assistant: Because.");
    }

    @Test
    void preference_promptAndTexts() throws IOException {
        assertPreference(
                jsonl("{\"prompt\":\"P\",\"chosen\":\"good\",\"rejected\":\"bad\"}"),
                List.of("user: P"));
    }

    @Test
    void preference_wholeConversations_shareTheirPrompt() throws IOException {
        assertPreference(
                jsonl(
                        """
                        {"prompt":"P","chosen":[{"role":"user","content":"P"},{"role":"assistant","content":"good"}],\
                        "rejected":[{"role":"user","content":"P"},{"role":"assistant","content":"bad"}]}\
                        """),
                List.of("user: P"));
    }

    @Test
    void preference_conversationsAndSingleAnswers() throws IOException {
        assertPreference(
                jsonl(
                        """
                        {"conversations":[{"from":"human","value":"P"},{"from":"gpt","value":"Q"},\
                        {"from":"human","value":"R"}],"chosen":{"from":"gpt","value":"good"},\
                        "rejected":{"from":"gpt","value":"bad"}}\
                        """),
                List.of("user: P", "assistant: Q", "user: R"));
    }

    @Test
    void preference_transcripts() throws IOException {
        assertPreference(
                jsonl(
                        """
                        {"chosen":"\\n\\nHuman: P\\n\\nAssistant: good","rejected":"\\n\\nHuman: P\\n\\nAssistant: bad"}\
                        """),
                List.of("user: P"));
    }

    @Test
    void unpaired_messagesWithLabel_lastAnswerIsJudged() throws IOException {
        DataSet data =
                jsonl(
                        """
                        {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"label":false}\
                        """,
                        """
                        {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"c"}],"label":true}\
                        """);

        assertThat(data.format()).isEqualTo(Format.UNPAIRED);
        Sample.Unpaired first = (Sample.Unpaired) data.toList().getFirst();
        assertThat(first.desirable()).isFalse();
        assertThat(said(first.prompt())).containsExactly("user: a");
        assertThat(said(first.completion())).containsExactly("assistant: b");
    }

    @Test
    void unpaired_alpacaWithKtoTag() throws IOException {
        DataSet data =
                jsonl("{\"instruction\":\"a\",\"input\":\"\",\"output\":\"b\",\"kto_tag\":true}");

        assertThat(data.format()).isEqualTo(Format.UNPAIRED);
        assertThat(((Sample.Unpaired) data.toList().getFirst()).desirable()).isTrue();
    }

    @Test
    void unpaired_promptCompletionLabelFromCsv() throws IOException {
        Path file = write("k.csv", "prompt,completion,label\na,b,true\na,c,0\n");
        DataSet data = DataSet.open(DataSource.of(file));

        assertThat(data.format()).isEqualTo(Format.UNPAIRED);
        assertThat(data.toList())
                .map(sample -> ((Sample.Unpaired) sample).desirable())
                .containsExactly(true, false);
    }

    @Test
    void columns_calledOtherwise_areRenamed() throws IOException {
        Path file = write("q.jsonl", "{\"frage\":\"Warum?\",\"antwort\":\"Darum.\"}\n");
        DataSet data =
                DataSet.open(
                        DataSource.of(file)
                                .withColumns(Map.of("question", "frage", "answer", "antwort")));

        assertThat(said(chat(data).messages()))
                .containsExactly("user: Warum?", "assistant: Darum.");
    }

    @Test
    void explicitFormat_overridesWhatIsRecognised() throws IOException {
        Path file = write("q.jsonl", "{\"question\":\"Why?\",\"answer\":\"B.\",\"text\":\"T\"}\n");
        DataSet data = DataSet.open(DataSource.of(file).withFormat(Format.TEXT));

        assertThat(data.reason()).contains("format: text");
        assertThat(texts(data)).containsExactly("T");
    }

    @Test
    void explicitKind_choosesAmongFormats() throws IOException {
        Path file = write("q.jsonl", "{\"question\":\"Why?\",\"answer\":\"B.\",\"text\":\"T\"}\n");

        assertThat(DataSet.open(DataSource.of(file).withKind(DataKind.TEXT)).format())
                .isEqualTo(Format.TEXT);
        assertThatThrownBy(() -> DataSet.open(DataSource.of(file).withKind(DataKind.PREFERENCE)))
                .hasMessageContaining("not data of the kind preference but chat");
    }

    @Test
    void unknownColumns_areNamedWithTheKnownFormats() throws IOException {
        Path file = write("x.jsonl", "{\"query\":\"q\",\"choices\":[\"a\"],\"gold\":0}\n");

        assertThatThrownBy(() -> DataSet.open(DataSource.of(file)))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID);
                            assertThat(e.getMessage()).contains("choices, gold, query");
                            assertThat(e.remedy().orElseThrow()).contains("alpaca", "messages");
                        });
    }

    @Test
    void parse_misspeltFormat_suggestsTheNearest() {
        assertThat(Format.parse("ShareGPT")).isEqualTo(Format.SHAREGPT);
        assertThat(Format.parse("kto")).isEqualTo(Format.UNPAIRED);
        assertThatThrownBy(() -> Format.parse("alpacca"))
                .extracting(e -> ((TailorException) e).remedy().orElseThrow())
                .asString()
                .contains("alpaca");
    }

    private static void assertPreference(DataSet data, List<String> prompt) {
        assertThat(data.format()).isEqualTo(Format.PREFERENCE);
        Sample.Preference pair = (Sample.Preference) data.toList().getFirst();
        assertThat(said(pair.prompt())).isEqualTo(prompt);
        assertThat(said(pair.chosen())).containsExactly("assistant: good");
        assertThat(said(pair.rejected())).containsExactly("assistant: bad");
    }

    private static Sample.Chat chat(DataSet data) {
        return (Sample.Chat) data.toList().getFirst();
    }

    private static List<String> texts(DataSet data) {
        return data.toList().stream().map(sample -> ((Sample.Text) sample).text()).toList();
    }

    private static List<String> said(List<Message> messages) {
        return messages.stream().map(m -> m.role() + ": " + m.content()).toList();
    }

    private DataSet jsonl(String... lines) throws IOException {
        return DataSet.open(DataSource.of(write("data.jsonl", String.join("\n", lines) + "\n")));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
