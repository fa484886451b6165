package dev.tailor.serve.internal.api;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A request that is refused, in OpenAI's words.
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final @Nullable String param;
    private final @Nullable String code;

    private ApiException(
            int status, String message, @Nullable String param, @Nullable String code) {
        super(message);
        this.status = status;
        this.param = param;
        this.code = code;
    }

    /// A parameter that is wrong: status 400.
    public static ApiException invalid(String param, String message) {
        return new ApiException(400, message, param, "invalid_value");
    }

    /// Any other refusal.
    ///
    /// @param status the HTTP status
    /// @param code a stable word for programs
    public static ApiException of(int status, String code, String message) {
        return new ApiException(status, message, null, code);
    }

    /// The same with the parameter it is about.
    public ApiException at(String parameter) {
        return new ApiException(status, message(), parameter, code);
    }

    /// The same with another code.
    public ApiException coded(String word) {
        return new ApiException(status, message(), param, word);
    }

    private String message() {
        return String.valueOf(getMessage());
    }

    /// The HTTP status.
    public int status() {
        return status;
    }

    /// `{"error": {"message", "type", "param", "code"}}`.
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putObject("error")
                .put("message", message())
                .put("type", type())
                .put("param", param)
                .put("code", code);
        return root;
    }

    private String type() {
        return switch (status) {
            case 401 -> "authentication_error";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }
}
