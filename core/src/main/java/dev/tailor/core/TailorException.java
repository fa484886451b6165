package dev.tailor.core;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/// A failure meant for the person who reads it: what is wrong, where, and what to do about it.
public final class TailorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String where;
    private final @Nullable String remedy;

    private TailorException(
            ErrorCode code,
            String what,
            @Nullable String where,
            @Nullable String remedy,
            @Nullable Throwable cause) {
        super(what, cause);
        this.code = code;
        this.where = where;
        this.remedy = remedy;
    }

    /// A failure of the given kind; `what` is one sentence without a full stop.
    public static TailorException of(ErrorCode code, String what) {
        return new TailorException(code, what, null, null, null);
    }

    /// The same failure with the place it concerns: `file:line:column`, a row, a tensor name.
    public TailorException at(Object place) {
        return new TailorException(code, getMessage(), place.toString(), remedy, getCause());
    }

    /// The same failure with what the user can do about it.
    public TailorException remedy(String advice) {
        return new TailorException(code, getMessage(), where, advice, getCause());
    }

    /// The same failure with the exception that led to it.
    public TailorException causedBy(Throwable cause) {
        return new TailorException(code, getMessage(), where, remedy, cause);
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? code.name() : message;
    }

    /// The stable code.
    public ErrorCode code() {
        return code;
    }

    /// The place the failure concerns, if it has one.
    public Optional<String> where() {
        return Optional.ofNullable(where);
    }

    /// What the user can do, if there is advice.
    public Optional<String> remedy() {
        return Optional.ofNullable(remedy);
    }

    /// `where: what` and, on a second line, what to do.
    public String render() {
        String head = where == null ? getMessage() : where + ": " + getMessage();
        return remedy == null ? head : head + System.lineSeparator() + "  " + remedy;
    }
}
