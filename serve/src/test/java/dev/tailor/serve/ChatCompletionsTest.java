package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Seed;
import dev.tailor.text.Message;
import dev.tailor.torch.Generator;
import dev.tailor.torch.SamplingSettings;
import dev.tailor.torch.StopCheck;
import dev.tailor.torch.TokenSink;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

class ChatCompletionsTest {
    private static final String CHAT = "/v1/chat/completions";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(TestServer.settings());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String hello(String rest) {
        return "{\"model\": \"tiny\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}], %s}"
                .formatted(rest);
    }

    private static String content(JsonNode reply) {
        return reply.at("/choices/0/message/content").stringValue();
    }

    /// What the generator of the command line answers.
    private static String generated(int tokens) {
        ServedModel model = server.model();
        int[] prompt =
                model.chat().prompt(List.of(Message.of("user", "Hello")), List.of()).tokens();
        int[] answer =
                new Generator(model.model())
                        .generate(
                                List.of(prompt),
                                SamplingSettings.greedy(tokens),
                                Set.of(),
                                new Seed(0),
                                StopCheck.never(),
                                TokenSink.none())
                        .getFirst()
                        .tokens();
        return model.tokenizer().decode(answer, true);
    }

    @Test
    void chat_greedy_isWhatTheGeneratorAnswers() throws Exception {
        JsonNode reply = server.ask(CHAT, hello("\"temperature\": 0, \"max_tokens\": 12"));
        assertThat(content(reply)).isEqualTo(generated(12));
        assertThat(reply.path("object").stringValue()).isEqualTo("chat.completion");
        assertThat(reply.path("model").stringValue()).isEqualTo("tiny");
        assertThat(reply.path("id").stringValue()).startsWith("chatcmpl-");
        assertThat(reply.at("/choices/0/message/role").stringValue()).isEqualTo("assistant");
        assertThat(reply.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
        assertThat(reply.at("/usage/completion_tokens").intValue()).isEqualTo(12);
        assertThat(reply.at("/usage/total_tokens").intValue())
                .isEqualTo(12 + reply.at("/usage/prompt_tokens").intValue());
    }

    @Test
    void chat_streamed_hasTheSameTextInPiecesThenUsageThenDone() throws Exception {
        List<JsonNode> events =
                server.stream(
                        CHAT,
                        hello(
                                "\"temperature\": 0, \"max_tokens\": 12, \"stream\": true,"
                                        + " \"stream_options\": {\"include_usage\": true}"));
        assertThat(events.getFirst().at("/choices/0/delta/role").stringValue())
                .isEqualTo("assistant");
        String text =
                events.stream()
                        .map(event -> event.at("/choices/0/delta/content").asString(""))
                        .collect(Collectors.joining());
        assertThat(text).isEqualTo(generated(12));
        JsonNode end = events.get(events.size() - 2);
        assertThat(end.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
        JsonNode usage = events.getLast();
        assertThat(usage.path("choices")).isEmpty();
        assertThat(usage.at("/usage/completion_tokens").intValue()).isEqualTo(12);
        assertThat(events).allMatch(e -> e.path("id").equals(usage.path("id")));
        assertThat(events).noneMatch(e -> e.toString().contains("\uFFFD\uFFFD"));
    }

    @Test
    void chat_stopTextAcrossTokens_endsBeforeItWholeAndStreamed() throws Exception {
        String whole = generated(40);
        String stop = whole.substring(9, 14);
        String expected = whole.substring(0, whole.indexOf(stop));
        String rest =
                "\"temperature\": 0, \"max_tokens\": 40, \"stop\": [\"never\", %s]"
                        .formatted(quoted(stop));

        JsonNode reply = server.ask(CHAT, hello(rest));
        assertThat(content(reply)).isEqualTo(expected);
        assertThat(reply.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");

        List<JsonNode> events = server.stream(CHAT, hello(rest + ", \"stream\": true"));
        assertThat(
                        events.stream()
                                .map(event -> event.at("/choices/0/delta/content").asString(""))
                                .collect(Collectors.joining()))
                .isEqualTo(expected);
    }

    private static String quoted(String text) {
        return tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(text);
    }

    @Test
    void chat_sampled_dependsOnTheSeedAlone() throws Exception {
        String settings = "\"max_tokens\": 16, \"top_p\": 0.9, \"n\": 2, \"seed\": ";
        JsonNode first = server.ask(CHAT, hello(settings + 5));
        JsonNode again = server.ask(CHAT, hello(settings + 5));
        JsonNode other = server.ask(CHAT, hello(settings + 6));
        assertThat(again.path("choices")).isEqualTo(first.path("choices"));
        assertThat(other.path("choices")).isNotEqualTo(first.path("choices"));
        assertThat(first.path("choices")).hasSize(2);
        assertThat(first.at("/choices/1/message/content"))
                .isNotEqualTo(first.at("/choices/0/message/content"));
        assertThat(first.at("/usage/completion_tokens").intValue()).isEqualTo(32);
    }

    @Test
    void chat_logProbs_areThoseOfTheTokensWithTheLikeliest() throws Exception {
        JsonNode reply =
                server.ask(
                        CHAT,
                        hello(
                                "\"temperature\": 0, \"max_tokens\": 5, \"logprobs\": true,"
                                        + " \"top_logprobs\": 3"));
        JsonNode tokens = reply.at("/choices/0/logprobs/content");
        assertThat(tokens).hasSize(5);
        List<String> texts = new ArrayList<>();
        for (JsonNode token : tokens) {
            texts.add(token.path("token").stringValue());
            assertThat(token.path("top_logprobs")).hasSize(3);
            assertThat(token.at("/top_logprobs/0/logprob").doubleValue())
                    .isEqualTo(token.path("logprob").doubleValue())
                    .isLessThan(0)
                    .isGreaterThanOrEqualTo(token.at("/top_logprobs/1/logprob").doubleValue());
        }
        assertThat(texts).isNotEmpty();
    }

    @Test
    void chat_bias_forbidsAndForces() throws Exception {
        String forced =
                hello("\"temperature\": 0, \"max_tokens\": 3, \"logit_bias\": {\"65\": 100}");
        int[] tokens = {65, 65, 65};
        assertThat(content(server.ask(CHAT, forced)))
                .isEqualTo(server.model().tokenizer().decode(tokens, true));
        String penalised =
                hello(
                        "\"temperature\": 0, \"max_tokens\": 3, \"frequency_penalty\": 2,"
                                + " \"presence_penalty\": 2, \"logit_bias\": {\"65\": 3.5, \"66\":"
                                + " 3.4}");
        assertThat(content(server.ask(CHAT, penalised)))
                .startsWith(server.model().tokenizer().decode(new int[] {65, 66}, true));
    }

    @Test
    void chat_minPAndTopK_ofOne_areGreedy() throws Exception {
        for (String setting : List.of("\"top_k\": 1", "\"min_p\": 1", "\"top_p\": 0")) {
            assertThat(content(server.ask(CHAT, hello("\"max_tokens\": 8, " + setting))))
                    .isEqualTo(generated(8));
        }
    }

    @Test
    void chat_partsOfText_areJoined() throws Exception {
        JsonNode reply =
                server.ask(
                        CHAT,
                        """
                        {"temperature": 0, "max_completion_tokens": 12, "user": "somebody", "messages": [
                          {"role": "user", "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]}]}
                        """);
        assertThat(content(reply)).isEqualTo(generated(12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"temperature\": -1 | temperature",
                "\"top_p\": 1.5 | top_p",
                "\"max_tokens\": \"many\" | max_tokens",
                "\"n\": 0 | n",
                "\"tools\": [] | tools",
                "\"frobnicate\": 1 | frobnicate",
                "\"stop\": 5 | stop",
                "\"logit_bias\": {\"900\": 1} | logit_bias.900",
                "\"top_logprobs\": 2 | top_logprobs",
                "\"stream_options\": {} | stream_options",
                "\"response_format\": {\"type\": \"xml\"} | response_format.type",
                "\"max_tokens\": 400 | max_tokens",
            })
    void chat_wrongParameter_isRefusedByName(String field, String param) throws Exception {
        JsonNode error = server.refused(400, CHAT, hello(field));
        assertThat(error.path("param").stringValue()).isEqualTo(param);
        assertThat(error.path("type").stringValue()).isEqualTo("invalid_request_error");
        assertThat(error.path("message").stringValue()).isNotBlank();
        assertThat(error.has("code")).isTrue();
    }

    @Test
    void chat_tooLongForTheContext_saysHowLong() throws Exception {
        JsonNode error = server.refused(400, CHAT, hello("\"max_tokens\": 400"));
        assertThat(error.path("code").stringValue()).isEqualTo("context_length_exceeded");
        assertThat(error.path("message").stringValue()).contains("256 tokens", "400 for");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"messages\": []}",
                "{\"messages\": [{\"role\": \"nobody\", \"content\": \"x\"}]}",
                "{\"messages\": [{\"role\": \"user\"}]}",
                "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]} {}"
            })
    void chat_malformedBody_isABadRequest(String body) throws Exception {
        assertThat(server.refused(400, CHAT, body).path("message").stringValue()).isNotBlank();
    }

    @Test
    void chat_hugeOrDeepBody_isRefusedAndTheServerGoesOn() throws Exception {
        JsonNode error = server.refused(413, CHAT, "\"" + "x".repeat(1 << 21) + "\"");
        assertThat(error.path("code").stringValue()).isEqualTo("request_too_large");
        server.refused(400, CHAT, "[".repeat(100_000));
        assertThat(server.get("/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void chat_unknownModel_isNotFound() throws Exception {
        JsonNode error =
                server.refused(
                        404, CHAT, hello("\"max_tokens\": 1").replace("\"tiny\"", "\"huge\""));
        assertThat(error.path("code").stringValue()).isEqualTo("model_not_found");
        assertThat(error.path("param").stringValue()).isEqualTo("model");
    }

    @Test
    void chat_streamOfManyBytesPerCharacter_neverSplitsOne() throws Exception {
        // Tokens of single bytes that make characters of two, three and four bytes.
        int[] bytes = server.model().tokenizer().encodeOrdinary("é€😀");
        assertThat(bytes.length).isGreaterThan(3);
        StringBuilder bias = new StringBuilder();
        for (int token : bytes) {
            bias.append(bias.isEmpty() ? "" : ", ").append("\"").append(token).append("\": 100");
        }
        List<JsonNode> events =
                server.stream(
                        CHAT,
                        hello(
                                "\"seed\": 3, \"max_tokens\": 60, \"stream\": true, \"logit_bias\": {%s}"
                                        .formatted(bias)));
        JsonNode whole =
                server.ask(
                        CHAT,
                        hello(
                                "\"seed\": 3, \"max_tokens\": 60, \"logit_bias\": {%s}"
                                        .formatted(bias)));
        String streamed =
                events.stream()
                        .map(event -> event.at("/choices/0/delta/content").asString(""))
                        .collect(Collectors.joining());
        assertThat(streamed).isEqualTo(content(whole));
        assertThat((double) streamed.length()).isCloseTo(40, within(40.0));
    }
}
