package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.tensors.DType;
import dev.tailor.text.ChatTemplate;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class MergedChatTemplateTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"alpaca", "chatml", "mistral"})
    void named_recordedConversations_renderTheSameBytes(String name) throws IOException {
        JsonNode recorded =
                JSON.readTree(Files.readString(Golden.ROOT.resolve("chat-templates.json")));
        ChatTemplate template = given(name);
        for (Map.Entry<String, JsonNode> conversation : recorded.path("cases").properties()) {
            assertThat(render(template, conversation.getValue()))
                    .as(conversation.getKey())
                    .isEqualTo(
                            recorded.path("expected")
                                    .path(name)
                                    .path(conversation.getKey())
                                    .asString());
        }
    }

    /// The prompt formats as Meta and LG AI Research publish them.
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "llama3 ~ <s>"
                        + "<|start_header_id|>system<|end_header_id|>\\n\\nYou are terse.<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\\n\\nQ1<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\\n\\nA1<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\\n\\nQ2<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\\n\\n",
                "exaone ~ [|system|]You are terse.[|endofturn|]\\n[|user|]Q1\\n"
                        + "[|assistant|]A1[|endofturn|]\\n[|user|]Q2\\n[|assistant|]",
            })
    void named_publicFormat_rendersIt(String name, String expected) throws IOException {
        JsonNode recorded =
                JSON.readTree(Files.readString(Golden.ROOT.resolve("chat-templates.json")));
        String rendered = render(given(name), recorded.path("cases").path("system"));
        assertThat(rendered).isEqualTo(expected.translateEscapes());
    }

    @Test
    void exaone_withoutSystemMessage_hasAnEmptyOne() throws IOException {
        JsonNode recorded =
                JSON.readTree(Files.readString(Golden.ROOT.resolve("chat-templates.json")));
        assertThat(render(given("exaone"), recorded.path("cases").path("train")))
                .isEqualTo("[|system|][|endofturn|]\n[|user|]Q1\n[|assistant|]A1[|endofturn|]\n");
    }

    @Test
    void auto_severalModels_takesTheMostFrequent() throws IOException {
        model("a", "{{ 'a' }}");
        model("b", "{{ 'b' }}");
        model("c", "{{ 'b' }}");
        assertThat(plan("auto", "a", "b", "c").chatTemplate()).contains("{{ 'b' }}");
    }

    @Test
    void auto_amongEquals_keepsTheFirst() throws IOException {
        model("a", "{{ 'a' }}");
        model("b", "{{ 'b' }}");
        assertThat(plan("auto", "a", "b").chatTemplate()).as("what a's files hold").isEmpty();
    }

    @Test
    void auto_firstWithoutTemplate_takesAnothers() throws IOException {
        model("a", "{{ 'a' }}");
        Files.delete(directory.resolve("a/chat_template.jinja"));
        model("b", "{{ 'b' }}");
        assertThat(plan("auto", "a", "b").chatTemplate()).contains("{{ 'b' }}");
    }

    @Test
    void given_merged_standsInBothPlaces() throws IOException {
        model("a", "{{ 'a' }}");
        Files.writeString(
                directory.resolve("a/tokenizer_config.json"),
                "{\"eos_token\": \"x\", \"chat_template\": \"old\"}");
        Path output = run(plan("'{{ messages[0].content }}!'", "a"));
        assertThat(output.resolve("chat_template.jinja")).hasContent("{{ messages[0].content }}!");
        JsonNode config = JSON.readTree(Files.readString(output.resolve("tokenizer_config.json")));
        assertThat(config.path("chat_template").asString()).isEqualTo("{{ messages[0].content }}!");
        assertThat(config.path("eos_token").asString()).isEqualTo("x");
    }

    @Test
    void given_besidesNamedTemplates_replacesTheDefaultOne() throws IOException {
        model("a", "{{ 'a' }}");
        Files.writeString(
                directory.resolve("a/tokenizer_config.json"),
                "{\"chat_template\": [{\"name\": \"default\", \"template\": \"old\"},"
                        + " {\"name\": \"rag\", \"template\": \"r\"}]}");
        Path output = run(plan("chatml", "a"));
        JsonNode templates =
                JSON.readTree(Files.readString(output.resolve("tokenizer_config.json")))
                        .path("chat_template");
        assertThat(templates.path(0).path("template").asString()).contains("<|im_start|>");
        assertThat(templates.path(1).path("template").asString()).isEqualTo("r");
    }

    private ChatTemplate given(String name) throws IOException {
        model("a", "{{ 'a' }}");
        return ChatTemplate.compile(plan(name, "a").chatTemplate().orElseThrow(), name);
    }

    private static String render(ChatTemplate template, JsonNode conversation) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", JSON.convertValue(conversation.path("messages"), List.class));
        variables.put(
                "add_generation_prompt", conversation.path("add_generation_prompt").asBoolean());
        variables.put("bos_token", "<s>");
        variables.put("eos_token", "</s>");
        return template.render(variables).text();
    }

    private void model(String name, String template) throws IOException {
        Path model =
                new TinyModel()
                        .tensor("model.norm.weight", DType.F32, new float[] {1}, 1)
                        .write(directory.resolve(name));
        Files.writeString(model.resolve("chat_template.jinja"), template);
    }

    private MergePlan plan(String template, String... models) {
        StringBuilder yaml = new StringBuilder("merge_method: linear\nchat_template: ");
        yaml.append(template).append("\nmodels:\n");
        for (String model : models) {
            yaml.append("- {model: ").append(model).append(", parameters: {weight: 1}}\n");
        }
        return Merge.plan(
                MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml.toString()).getFirst()),
                ModelResolver.in(List.of(directory)));
    }

    private Path run(MergePlan plan) {
        Path output = directory.resolve("out");
        Merge.run(
                plan,
                output,
                MergeOptions.standard().withThreads(1),
                Event.Listener.none(),
                Cancellation.never());
        return output;
    }
}
