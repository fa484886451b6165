package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.torch.PackedBatch;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class CompletionsTest {
    private static final String COMPLETIONS = "/v1/completions";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(TestServer.settings());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static int[] tokens(int count, int seed) {
        return IntStream.range(0, count).map(i -> 3 + (i * 37 + seed * 11) % 400).toArray();
    }

    @Test
    void completion_text_goesOnFromIt() throws Exception {
        JsonNode reply =
                server.ask(
                        COMPLETIONS,
                        "{\"prompt\": \"Once upon\", \"temperature\": 0, \"max_tokens\": 5}");
        assertThat(reply.path("object").stringValue()).isEqualTo("text_completion");
        assertThat(reply.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
        assertThat(reply.at("/usage/completion_tokens").intValue()).isEqualTo(5);
        String streamed =
                server.stream(
                                COMPLETIONS,
                                "{\"prompt\": \"Once upon\", \"temperature\": 0, \"max_tokens\": 5,"
                                        + " \"stream\": true}")
                        .stream()
                        .map(event -> event.at("/choices/0/text").asString(""))
                        .collect(Collectors.joining());
        assertThat(streamed).isEqualTo(reply.at("/choices/0/text").stringValue());
    }

    @Test
    void completion_withoutLimit_hasSixteenTokens() throws Exception {
        JsonNode reply = server.ask(COMPLETIONS, "{\"prompt\": [5, 6], \"temperature\": 0}");
        assertThat(reply.at("/usage/completion_tokens").intValue()).isEqualTo(16);
    }

    /// What lm-evaluation-harness asks for log-likelihoods: tokens, an echo, one token more.
    @Test
    void completion_echoWithLogProbs_scoresThePromptAsEvaluationDoes() throws Exception {
        List<int[]> prompts = List.of(tokens(150, 1), tokens(2, 2), tokens(40, 3));
        String given = prompts.stream().map(Arrays::toString).collect(Collectors.joining(", "));
        JsonNode reply =
                server.ask(
                        COMPLETIONS,
                        "{\"prompt\": [%s], \"echo\": true, \"max_tokens\": 1, \"logprobs\": 1, \"temperature\": 0}"
                                .formatted(given));

        for (int p = 0; p < prompts.size(); p++) {
            int[] prompt = prompts.get(p);
            float[] expected =
                    server.model().model().logProbs(PackedBatch.nextToken(List.of(prompt)));
            int[] likeliest =
                    server.model()
                            .model()
                            .scores(PackedBatch.nextToken(List.of(prompt)))
                            .likeliest();
            JsonNode logprobs = reply.at("/choices/" + p + "/logprobs");
            assertThat(logprobs.path("tokens")).hasSize(prompt.length + 1);
            assertThat(logprobs.at("/token_logprobs/0").isNull()).isTrue();
            for (int i = 1; i < prompt.length; i++) {
                double logProb = logprobs.path("token_logprobs").get(i).doubleValue();
                assertThat(logProb).isCloseTo(expected[i - 1], within(1e-4));
                boolean greedy = likeliest[i - 1] == prompt[i];
                assertThat(largest(logprobs.path("top_logprobs").get(i)) == logProb)
                        .isEqualTo(greedy);
            }
            assertThat(reply.at("/choices/" + p + "/text").stringValue())
                    .startsWith(server.model().tokenizer().decode(prompt, false));
        }
    }

    private static double largest(JsonNode logProbs) {
        return logProbs.valueStream().mapToDouble(JsonNode::doubleValue).max().orElseThrow();
    }

    @Test
    void completion_echoOfNothingMore_endsAfterThePrompt() throws Exception {
        JsonNode reply =
                server.ask(
                        COMPLETIONS,
                        "{\"prompt\": \"Hello\", \"echo\": true, \"max_tokens\": 0, \"logprobs\":"
                                + " 0}");
        assertThat(reply.at("/choices/0/text").stringValue()).isEqualTo("Hello");
        JsonNode logprobs = reply.at("/choices/0/logprobs");
        assertThat(logprobs.path("token_logprobs").size())
                .isEqualTo(reply.at("/usage/prompt_tokens").intValue());
        assertThat(reply.at("/usage/completion_tokens").intValue()).isZero();
    }

    @Test
    void completion_promptOfTheWholeContext_canBeScored() throws Exception {
        JsonNode reply =
                server.ask(
                        COMPLETIONS,
                        "{\"prompt\": %s, \"echo\": true, \"max_tokens\": 1, \"logprobs\": 1}"
                                .formatted(Arrays.toString(tokens(256, 4))));
        assertThat(reply.at("/choices/0/logprobs/token_logprobs")).hasSize(257);
        JsonNode error =
                server.refused(
                        400,
                        COMPLETIONS,
                        "{\"prompt\": %s, \"max_tokens\": 1}"
                                .formatted(Arrays.toString(tokens(257, 4))));
        assertThat(error.path("code").stringValue()).isEqualTo("context_length_exceeded");
    }

    @Test
    void completion_severalPromptsAndAnswers_areNumberedByPrompt() throws Exception {
        JsonNode reply =
                server.ask(
                        COMPLETIONS,
                        "{\"prompt\": [\"a\", \"b\"], \"n\": 2, \"temperature\": 0, \"max_tokens\":"
                                + " 6}");
        assertThat(reply.path("choices")).hasSize(4);
        for (int i = 0; i < 4; i++) {
            assertThat(reply.at("/choices/" + i + "/index").intValue()).isEqualTo(i);
        }
        assertThat(reply.at("/choices/0/text")).isEqualTo(reply.at("/choices/1/text"));
        assertThat(reply.at("/choices/2/text")).isEqualTo(reply.at("/choices/3/text"));
        assertThat(reply.at("/usage/prompt_tokens").intValue())
                .isEqualTo(
                        server.ask("/tokenize", "{\"prompt\": \"a\"}").path("count").intValue()
                                + server.ask("/tokenize", "{\"prompt\": \"b\"}")
                                        .path("count")
                                        .intValue());
    }

    @Test
    void completion_wrongPrompt_isRefused() throws Exception {
        for (String prompt : List.of("[600]", "[-1]", "[]", "{}", "[\"a\", 5]", "5", "[1.5]")) {
            JsonNode error = server.refused(400, COMPLETIONS, "{\"prompt\": %s}".formatted(prompt));
            assertThat(error.path("param").stringValue()).as(prompt).isEqualTo("prompt");
        }
    }

    @Test
    void tokenize_textAndConversation_givesTheModelsTokens() throws Exception {
        JsonNode text = server.ask("/tokenize", "{\"prompt\": \"Hello <s>\"}");
        assertThat(text.path("count").intValue()).isEqualTo(text.path("tokens").size());
        assertThat(text.path("max_model_len").intValue()).isEqualTo(256);
        JsonNode chat =
                server.ask(
                        "/tokenize",
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"<|im_end|>\"}]}");
        int end = server.model().tokenizer().id("<|im_end|>").orElseThrow();
        assertThat(chat.path("tokens").valueStream().filter(t -> t.intValue() == end)).hasSize(1);
    }

    @Test
    void otherRoutes_answerAsOpenAIs() throws Exception {
        assertThat(server.get("/health").body()).contains("ok");
        assertThat(server.get("/v1/models").body()).contains("\"id\":\"tiny\"");
        assertThat(server.get("/v1/models/tiny").statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/models/other").statusCode()).isEqualTo(404);
        assertThat(server.get("/v2/anything").statusCode()).isEqualTo(404);
        assertThat(server.get("/v2/anything").body()).contains("\"error\"");
        assertThat(server.get("/v1/chat/completions").statusCode()).isEqualTo(404);
        assertThat(server.get("/metrics").body())
                .contains(
                        "tailor_generated_tokens_total ", "tailor_batch_size_bucket{le=\"16.0\"}");
    }

    @Test
    void page_fetchesNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = server.get("/");
        assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'none'", "connect-src 'self'");
        assertThat(page.body()).contains("<title>Tailor</title>").doesNotContain("://");
    }
}
