package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.core.TailorException;
import dev.tailor.text.internal.jinja.syntax.Token.Kind;
import dev.tailor.text.internal.jinja.value.Refusal;

import java.util.List;

/// The tokens of a template, read from left to right with one token to look ahead.
final class TokenStream {
    private final List<Token> tokens;
    private int at;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token ahead() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        if (at < tokens.size() - 1) {
            at++;
        }
        return token;
    }

    boolean isOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean isName(String name) {
        return current().isName(name);
    }

    boolean is(Kind kind) {
        return current().kind() == kind;
    }

    boolean skipOperator(String operator) {
        boolean found = isOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipName(String name) {
        boolean found = isName(name);
        if (found) {
            next();
        }
        return found;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    Token expect(Kind kind) {
        if (!is(kind)) {
            throw unexpected(
                    switch (kind) {
                        case NAME -> "a name";
                        case BLOCK_END -> "'%}'";
                        case VARIABLE_END -> "'}}'";
                        default -> kind.name();
                    });
        }
        return next();
    }

    TailorException unexpected(String expected) {
        return failure("expected " + expected + ", got '" + current().describe() + "'");
    }

    TailorException failure(String what) {
        return Refusal.of(what).at(current().line());
    }
}
