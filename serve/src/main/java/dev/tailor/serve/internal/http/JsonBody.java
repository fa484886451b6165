package dev.tailor.serve.internal.http;

import dev.tailor.serve.internal.api.ApiException;

import io.helidon.webserver.http.ServerRequest;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;

/// The body of a request as JSON.
final class JsonBody {
    private static final int MAX_DEPTH = 64;
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private JsonBody() {}

    /// Reads it.
    ///
    /// @throws ApiException 413 when it is longer than allowed, 400 when it is not JSON
    static JsonNode read(ServerRequest request, int mostBytes) {
        byte[] bytes = bytes(request, mostBytes);
        try {
            JsonNode body = JSON.readTree(bytes);
            if (body == null || body.isMissingNode()) {
                throw ApiException.of(400, "invalid_json", "the body is empty, JSON is expected");
            }
            return body;
        } catch (JacksonException e) {
            throw ApiException.of(
                    400, "invalid_json", "the body is not JSON: " + e.getOriginalMessage());
        }
    }

    private static byte[] bytes(ServerRequest request, int mostBytes) {
        if (request.headers().contentLength().orElse(0) > mostBytes) {
            throw tooLarge(mostBytes);
        }
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try (InputStream in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw tooLarge(mostBytes);
            }
            return bytes;
        } catch (ApiException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new ClientLeftException(e);
        }
    }

    private static ApiException tooLarge(int mostBytes) {
        return ApiException.of(
                413, "request_too_large", "a request may have at most " + mostBytes + " bytes");
    }
}
