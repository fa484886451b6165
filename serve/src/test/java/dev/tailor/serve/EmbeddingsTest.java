package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.torch.PackedBatch;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

class EmbeddingsTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(TestServer.settings());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void embedding_isTheMeanOfTheLastStatesAsAUnitVector() throws Exception {
        int[] tokens = {5, 9, 200, 31};
        float[] states =
                server.model()
                        .model()
                        .hiddenStates(PackedBatch.nextToken(List.of(tokens)))
                        .getLast();
        int hidden = states.length / tokens.length;
        double[] mean = new double[hidden];
        double sum = 0;
        for (int i = 0; i < hidden; i++) {
            for (int t = 0; t < tokens.length; t++) {
                mean[i] += states[t * hidden + i] / tokens.length;
            }
            sum += mean[i] * mean[i];
        }
        JsonNode reply =
                server.ask("/v1/embeddings", "{\"input\": [[1, 2, 3], [5, 9, 200, 31], [8]]}");
        assertThat(reply.path("data")).hasSize(3);
        JsonNode vector = reply.at("/data/1/embedding");
        assertThat(vector).hasSize(hidden);
        for (int i = 0; i < hidden; i++) {
            assertThat(vector.get(i).doubleValue())
                    .isCloseTo(mean[i] / Math.sqrt(sum), within(1e-5));
        }
        assertThat(reply.at("/usage/total_tokens").intValue()).isEqualTo(8);
    }

    @Test
    void embedding_asBytes_isTheSameNumbers() throws Exception {
        JsonNode numbers = server.ask("/v1/embeddings", "{\"input\": \"Hello\"}");
        JsonNode bytes =
                server.ask(
                        "/v1/embeddings",
                        "{\"input\": [\"Hello\"], \"encoding_format\": \"base64\"}");
        ByteBuffer decoded =
                ByteBuffer.wrap(
                                Base64.getDecoder()
                                        .decode(bytes.at("/data/0/embedding").stringValue()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode number : numbers.at("/data/0/embedding")) {
            assertThat((double) decoded.getFloat()).isCloseTo(number.doubleValue(), within(1e-6));
        }
        assertThat(decoded.hasRemaining()).isFalse();
    }

    @Test
    void embedding_wrongRequest_isRefused() throws Exception {
        assertThat(server.refused(400, "/v1/embeddings", "{\"input\": []}").path("param"))
                .hasToString("\"input\"");
        assertThat(
                        server.refused(
                                        400,
                                        "/v1/embeddings",
                                        "{\"input\": \"x\", \"dimensions\": 8}")
                                .path("param"))
                .hasToString("\"dimensions\"");
        assertThat(
                        server.refused(
                                        400,
                                        "/v1/embeddings",
                                        "{\"input\": \"%s\"}".formatted("long ".repeat(400)))
                                .path("code"))
                .hasToString("\"context_length_exceeded\"");
    }
}
