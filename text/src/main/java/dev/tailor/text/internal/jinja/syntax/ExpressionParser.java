package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.syntax.Expression.Arithmetic;
import dev.tailor.text.internal.jinja.syntax.Expression.Constant;
import dev.tailor.text.internal.jinja.syntax.Expression.Name;
import dev.tailor.text.internal.jinja.syntax.Expression.Operand;
import dev.tailor.text.internal.jinja.syntax.Expression.Slice;
import dev.tailor.text.internal.jinja.syntax.Expression.TupleLiteral;
import dev.tailor.text.internal.jinja.syntax.Token.Kind;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Parses expressions; from the loosest binding to the tightest: `if else`, `or`, `and`, `not`,
/// comparisons, `+ -`, `~`, `* / // %`, `**`, signs, subscripts and calls, filters and tests.
final class ExpressionParser {
    private static final int MAX_DEPTH = 100;
    private static final List<String> COMPARISONS = List.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;
    private final PostfixParser postfix;
    private int depth;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
        this.postfix = new PostfixParser(tokens, this);
    }

    Expression expression() {
        return expression(true);
    }

    /// An expression, with or without `a if b else c` at its top.
    Expression expression(boolean withConditional) {
        if (++depth > MAX_DEPTH) {
            throw tokens.failure("an expression nested more than " + MAX_DEPTH + " levels deep");
        }
        Expression parsed = withConditional ? conditional() : or();
        depth--;
        return parsed;
    }

    /// How a tuple ends.
    enum TupleEnd {
        TAG,
        IN,
        RECURSIVE
    }

    /// One expression, or several with commas: a tuple.
    Expression tuple(boolean withConditional, TupleEnd end) {
        return tuple(() -> expression(withConditional), end, false);
    }

    /// What an assignment or a loop assigns to.
    Expression targets(TupleEnd end, boolean withNamespace) {
        return tuple(() -> primary(withNamespace), end, false);
    }

    private interface Part {
        Expression parse();
    }

    private Expression tuple(Part part, TupleEnd end, boolean inParentheses) {
        List<Expression> parts = new ArrayList<>();
        boolean isTuple = false;
        while (true) {
            if (!parts.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (tupleEnds(end)) {
                break;
            }
            parts.add(part.parse());
            if (!tokens.isOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple && !parts.isEmpty()) {
            return parts.getFirst();
        }
        if (!isTuple && !inParentheses) {
            throw tokens.unexpected("an expression");
        }
        return new TupleLiteral(List.copyOf(parts));
    }

    private boolean tupleEnds(TupleEnd end) {
        return tokens.is(Kind.VARIABLE_END)
                || tokens.is(Kind.BLOCK_END)
                || tokens.isOperator(")")
                || (end == TupleEnd.IN && tokens.isName("in"))
                || (end == TupleEnd.RECURSIVE && tokens.isName("recursive"));
    }

    private Expression conditional() {
        Expression parsed = or();
        while (tokens.isName("if")) {
            int line = tokens.next().line();
            Expression test = or();
            Expression otherwise = tokens.skipName("else") ? expression() : null;
            parsed = new Expression.Conditional(test, parsed, otherwise, line);
        }
        return parsed;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        int negations = 0;
        while (tokens.skipName("not")) {
            negations++;
        }
        Expression parsed = compare();
        // Two negations make a boolean of what was none; more change nothing.
        int kept = negations == 0 ? 0 : 2 - negations % 2;
        for (int i = 0; i < kept; i++) {
            parsed = new Expression.Not(parsed);
        }
        return parsed;
    }

    private Expression compare() {
        Expression first = sum();
        List<Operand> rest = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                tokens.next();
                rest.add(new Operand(token.text(), sum()));
            } else if (tokens.skipName("in")) {
                rest.add(new Operand("in", sum()));
            } else if (token.isName("not") && tokens.ahead().isName("in")) {
                tokens.next();
                tokens.next();
                rest.add(new Operand("notin", sum()));
            } else {
                return rest.isEmpty() ? first : new Expression.Compare(first, List.copyOf(rest));
            }
        }
    }

    private Expression sum() {
        Expression left = concat();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            left = new Arithmetic(tokens.next().text(), left, concat());
        }
        return left;
    }

    private Expression concat() {
        List<Expression> parts = new ArrayList<>();
        do {
            parts.add(product());
        } while (tokens.skipOperator("~"));
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concat(List.copyOf(parts));
    }

    private Expression product() {
        Expression left = power();
        while (tokens.isOperator("*")
                || tokens.isOperator("/")
                || tokens.isOperator("//")
                || tokens.isOperator("%")) {
            left = new Arithmetic(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.isOperator("**")) {
            left = new Arithmetic(tokens.next().text(), left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        if (++depth > MAX_DEPTH) {
            throw tokens.failure("an expression nested more than " + MAX_DEPTH + " levels deep");
        }
        Expression node;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            boolean negative = tokens.next().text().equals("-");
            node = new Expression.Sign(negative, unary(false));
        } else {
            node = primary(false);
        }
        node = postfix.subscripts(node);
        depth--;
        return withFilters ? postfix.filters(node) : node;
    }

    Expression primary(boolean withNamespace) {
        Token token = tokens.current();
        return switch (token.kind()) {
            case NAME -> {
                tokens.next();
                yield name(token, withNamespace);
            }
            case STRING -> new Constant(Text.of(strings()));
            case INTEGER -> new Constant(new Value.Int(tokens.next().integer()));
            case FLOAT -> new Constant(new Value.Real(tokens.next().real()));
            case OPERATOR -> bracketed(token);
            default -> throw tokens.failure("unexpected '" + token.describe() + "'");
        };
    }

    private Expression name(Token token, boolean withNamespace) {
        return switch (token.text()) {
            case "true", "True" -> new Constant(Value.Bool.TRUE);
            case "false", "False" -> new Constant(Value.Bool.FALSE);
            case "none", "None" -> new Constant(Value.None.NONE);
            default -> {
                if (withNamespace && tokens.skipOperator(".")) {
                    String attribute = tokens.expect(Kind.NAME).text();
                    yield new Expression.NamespaceAttribute(token.text(), attribute);
                }
                yield new Name(token.text());
            }
        };
    }

    private String strings() {
        StringBuilder joined = new StringBuilder();
        while (tokens.is(Kind.STRING)) {
            joined.append(tokens.next().text());
        }
        return joined.toString();
    }

    private Expression bracketed(Token token) {
        switch (token.text()) {
            case "(" -> {
                tokens.next();
                Expression inside = tuple(this::expression, TupleEnd.TAG, true);
                tokens.expectOperator(")");
                return inside;
            }
            case "[" -> {
                return new Expression.ListLiteral(list());
            }
            case "{" -> {
                return dict();
            }
            default -> throw tokens.failure("unexpected '" + token.describe() + "'");
        }
    }

    private List<Expression> list() {
        tokens.expectOperator("[");
        List<Expression> elements = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            if (!elements.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (tokens.isOperator("]")) {
                break;
            }
            elements.add(expression());
        }
        tokens.expectOperator("]");
        return List.copyOf(elements);
    }

    private Expression dict() {
        tokens.expectOperator("{");
        List<Expression.Pair> entries = new ArrayList<>();
        while (!tokens.isOperator("}")) {
            if (!entries.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (tokens.isOperator("}")) {
                break;
            }
            Expression key = expression();
            tokens.expectOperator(":");
            entries.add(new Expression.Pair(key, expression()));
        }
        tokens.expectOperator("}");
        return new Expression.DictLiteral(List.copyOf(entries));
    }

    /// `|filter` again and again, on what a block captured.
    Expression filtersOf(Expression node) {
        return postfix.filterChain(node, false);
    }

    /// The filters of a filter block, whose first has no `|`.
    Expression filterBlock() {
        return postfix.filterChain(new Expression.Captured(), true);
    }

    /// One bound of a slice, or none where it is left out.
    Expression bound() {
        boolean isLeftOut =
                tokens.isOperator(":") || tokens.isOperator("]") || tokens.isOperator(",");
        return isLeftOut ? new Constant(Value.None.NONE) : expression();
    }

    /// What stands between brackets: a key or a slice.
    Expression subscript(Expression node, int line) {
        @Nullable Expression start = tokens.isOperator(":") ? null : expression();
        if (start != null && !tokens.isOperator(":")) {
            return new Expression.Item(node, start, line);
        }
        tokens.expectOperator(":");
        Expression stop = bound();
        Expression step = tokens.skipOperator(":") ? bound() : new Constant(Value.None.NONE);
        Expression from = start == null ? new Constant(Value.None.NONE) : start;
        return new Slice(node, from, stop, step, line);
    }
}
