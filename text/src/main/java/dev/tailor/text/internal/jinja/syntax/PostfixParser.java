package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.syntax.Expression.CallArguments;
import dev.tailor.text.internal.jinja.syntax.Expression.Constant;
import dev.tailor.text.internal.jinja.syntax.Expression.Item;
import dev.tailor.text.internal.jinja.syntax.Expression.Keyword;
import dev.tailor.text.internal.jinja.syntax.Token.Kind;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Parses what follows a primary expression: `.name`, `[key]`, `(arguments)`, `|filter`, `is test`.
final class PostfixParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;

    PostfixParser(TokenStream tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    Expression subscripts(Expression node) {
        Expression parsed = node;
        while (true) {
            if (tokens.isOperator(".")) {
                parsed = attribute(parsed);
            } else if (tokens.isOperator("[")) {
                parsed = item(parsed);
            } else if (tokens.isOperator("(")) {
                int line = tokens.current().line();
                parsed = new Expression.Call(parsed, arguments(), line);
            } else {
                return parsed;
            }
        }
    }

    Expression filters(Expression node) {
        Expression parsed = node;
        while (true) {
            if (tokens.isOperator("|")) {
                parsed = filterChain(parsed, false);
            } else if (tokens.isName("is")) {
                parsed = test(parsed);
            } else if (tokens.isOperator("(")) {
                int line = tokens.current().line();
                parsed = new Expression.Call(parsed, arguments(), line);
            } else {
                return parsed;
            }
        }
    }

    private Expression attribute(Expression node) {
        int line = tokens.next().line();
        Token name = tokens.next();
        if (name.kind() == Kind.NAME) {
            return new Expression.Attribute(node, name.text(), line);
        }
        if (name.kind() != Kind.INTEGER) {
            throw tokens.failure("expected a name or number after '.'");
        }
        return new Item(node, new Constant(new Value.Int(name.integer())), line);
    }

    private Expression item(Expression node) {
        int line = tokens.next().line();
        if (tokens.skipOperator("]")) {
            return new Item(node, new Expression.TupleLiteral(List.of()), line);
        }
        Expression first = expressions.subscript(node, line);
        if (tokens.skipOperator("]")) {
            return first;
        }
        List<Expression> keys = new ArrayList<>();
        keys.add(key(first));
        while (!tokens.isOperator("]")) {
            tokens.expectOperator(",");
            keys.add(key(expressions.subscript(node, line)));
        }
        tokens.expectOperator("]");
        return new Item(node, new Expression.TupleLiteral(List.copyOf(keys)), line);
    }

    private Expression key(Expression subscript) {
        if (subscript instanceof Item item) {
            return item.key();
        }
        throw tokens.failure("a slice cannot stand beside another subscript");
    }

    Expression filterChain(Expression node, boolean startsInline) {
        Expression parsed = node;
        boolean inline = startsInline;
        while (inline || tokens.isOperator("|")) {
            if (!inline) {
                tokens.next();
            }
            inline = false;
            int line = tokens.current().line();
            String name = dottedName();
            CallArguments arguments = tokens.isOperator("(") ? arguments() : CallArguments.NONE;
            parsed = new Expression.Filter(parsed, name, arguments, line);
        }
        return parsed;
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(tokens.expect(Kind.NAME).text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME).text());
        }
        return name.toString();
    }

    private Expression test(Expression node) {
        int line = tokens.next().line();
        boolean negated = tokens.skipName("not");
        String name = dottedName();
        CallArguments arguments = CallArguments.NONE;
        if (tokens.isOperator("(")) {
            arguments = arguments();
        } else if (testArgumentFollows()) {
            if (tokens.isName("is")) {
                throw tokens.failure("You cannot chain multiple tests with is");
            }
            Expression argument = subscripts(expressions.primary(false));
            arguments = new CallArguments(List.of(argument), List.of(), null, null);
        }
        Expression test = new Expression.Test(node, name, arguments, line);
        return negated ? new Expression.Not(test) : test;
    }

    private boolean testArgumentFollows() {
        return switch (tokens.current().kind()) {
            case NAME -> !tokens.isName("else") && !tokens.isName("or") && !tokens.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> tokens.isOperator("[") || tokens.isOperator("{");
            default -> false;
        };
    }

    private CallArguments arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<Keyword> named = new ArrayList<>();
        @Nullable Expression rest = null;
        @Nullable Expression restNamed = null;
        boolean needsComma = false;
        while (!tokens.isOperator(")")) {
            if (needsComma) {
                tokens.expectOperator(",");
                if (tokens.isOperator(")")) {
                    break;
                }
            }
            needsComma = true;
            if (tokens.isOperator("*")) {
                require(rest == null && restNamed == null);
                tokens.next();
                rest = expressions.expression();
            } else if (tokens.isOperator("**")) {
                require(restNamed == null);
                tokens.next();
                restNamed = expressions.expression();
            } else if (tokens.is(Kind.NAME) && tokens.ahead().isOperator("=")) {
                require(restNamed == null);
                named.add(keyword(named));
            } else {
                require(rest == null && restNamed == null && named.isEmpty());
                positional.add(expressions.expression());
            }
        }
        tokens.expectOperator(")");
        return new CallArguments(List.copyOf(positional), List.copyOf(named), rest, restNamed);
    }

    private Keyword keyword(List<Keyword> before) {
        String name = tokens.next().text();
        tokens.next();
        if (before.stream().anyMatch(keyword -> keyword.name().equals(name))) {
            throw tokens.failure("keyword argument repeated: " + name);
        }
        return new Keyword(name, expressions.expression());
    }

    private void require(boolean isValid) {
        if (!isValid) {
            throw tokens.failure("invalid syntax for function call expression");
        }
    }
}
