package dev.tailor.serve.internal.http;

import dev.tailor.serve.ApiKeys;
import dev.tailor.serve.internal.api.ApiException;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.util.Optional;

/// Who may ask: keys, and pages of other origins.
record Guard(Optional<ApiKeys> keys, Optional<String> corsOrigin) {
    private static final String BEARER = "Bearer ";

    /// Lets in whoever shows a key, if any are needed.
    ///
    /// @throws ApiException 401
    void requireKey(ServerRequest request) {
        if (keys.isEmpty()) {
            return;
        }
        String shown = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
        if (!shown.startsWith(BEARER)) {
            throw ApiException.of(
                    401, "missing_api_key", "an API key is needed: 'Authorization: Bearer KEY'");
        }
        if (!keys.get().accept(shown.substring(BEARER.length()).strip())) {
            throw ApiException.of(401, "invalid_api_key", "the API key is not known");
        }
    }

    /// Tells a browser whether a page of another origin may read the answer.
    void allowOrigin(ServerRequest request, ServerResponse response) {
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
        if (corsOrigin.isEmpty() || origin.isEmpty()) {
            return;
        }
        String allowed = corsOrigin.get();
        if (allowed.equals("*") || allowed.equals(origin.get())) {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            response.header(HeaderNames.VARY, "Origin");
            response.header(
                    HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type");
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        }
    }
}
