package dev.tailor.data;

/// A row cannot be used; the message says why in words that many rows can share.
final class RejectedRow extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    RejectedRow(String reason) {
        // Thrown once per bad row and always caught: a stack trace would only cost time.
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
