package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.syntax.Expression.Name;
import dev.tailor.text.internal.jinja.syntax.Expression.TupleLiteral;
import dev.tailor.text.internal.jinja.syntax.ExpressionParser.TupleEnd;
import dev.tailor.text.internal.jinja.syntax.Statement.Target;
import dev.tailor.text.internal.jinja.syntax.Token.Kind;
import dev.tailor.text.internal.jinja.value.Text;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Parses the statements of a template. Errors carry the line as their place.
public final class Parser {
    private static final int MAX_DEPTH = 80;

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int depth;

    private Parser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    /// The statements of a template's source.
    public static List<Statement> parse(String source, Layout layout) {
        Parser parser = new Parser(new TokenStream(Lexer.tokens(source, layout)));
        return parser.statements(List.of());
    }

    /// Statements up to one of the end tags, which stays current, or up to the end of the template.
    private List<Statement> statements(List<String> endTags) {
        if (++depth > MAX_DEPTH) {
            throw tokens.failure("blocks nested more than " + MAX_DEPTH + " levels deep");
        }
        List<Statement> parsed = new ArrayList<>();
        while (!tokens.is(Kind.END)) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA -> parsed.add(new Statement.Data(Text.of(token.text())));
                case VARIABLE_BEGIN -> {
                    Expression node = expressions.tuple(true, TupleEnd.TAG);
                    tokens.expect(Kind.VARIABLE_END);
                    parsed.add(new Statement.Output(node, token.line()));
                }
                default -> {
                    if (tokens.is(Kind.NAME) && endTags.contains(tokens.current().text())) {
                        depth--;
                        return List.copyOf(parsed);
                    }
                    parsed.addAll(statement());
                    tokens.expect(Kind.BLOCK_END);
                }
            }
        }
        if (!endTags.isEmpty()) {
            throw tokens.failure("unexpected end of template, expected " + tags(endTags));
        }
        depth--;
        return List.copyOf(parsed);
    }

    private static String tags(List<String> names) {
        return "{% " + String.join(" %} or {% ", names) + " %}";
    }

    /// The body of a block: the end of its tag, statements, and the end tag's name, which is left
    /// current.
    private List<Statement> body(String... endTags) {
        tokens.skipOperator(":");
        tokens.expect(Kind.BLOCK_END);
        return statements(List.of(endTags));
    }

    private List<Statement> wholeBody(String endTag) {
        List<Statement> body = body(endTag);
        tokens.next();
        return body;
    }

    private List<Statement> statement() {
        Token tag = tokens.expect(Kind.NAME);
        int line = tag.line();
        return switch (tag.text()) {
            case "print" -> print(line);
            case "for" -> List.of(loop(line));
            case "if" -> List.of(condition(line));
            case "set" -> List.of(assignment(line));
            case "with" -> List.of(with(line));
            case "macro" -> List.of(macro(line));
            case "call" -> List.of(callBlock(line));
            case "filter" -> {
                Expression filter = expressions.filterBlock();
                yield List.of(new Statement.FilterBlock(filter, wholeBody("endfilter"), line));
            }
            case "generation" ->
                    List.of(new Statement.Generation(wholeBody("endgeneration"), line));
            case "block" -> List.of(block(line));
            case "autoescape" -> {
                Expression enabled = expressions.expression();
                yield List.of(new Statement.Autoescape(enabled, wholeBody("endautoescape"), line));
            }
            case "break" -> List.of(new Statement.Break(line));
            case "continue" -> List.of(new Statement.Continue(line));
            case "include", "import", "from", "extends" -> List.of(loading(tag));
            default -> throw tokens.failure("Encountered unknown tag '" + tag.text() + "'");
        };
    }

    private List<Statement> print(int line) {
        List<Statement> outputs = new ArrayList<>();
        while (!tokens.is(Kind.BLOCK_END)) {
            if (!outputs.isEmpty()) {
                tokens.expectOperator(",");
            }
            outputs.add(new Statement.Output(expressions.expression(), line));
        }
        return outputs;
    }

    private Statement loop(int line) {
        Target target = target(expressions.targets(TupleEnd.IN, false));
        if (!tokens.skipName("in")) {
            throw tokens.unexpected("'in'");
        }
        Expression iterable = expressions.tuple(false, TupleEnd.RECURSIVE);
        @Nullable Expression test = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        List<Statement> body = body("endfor", "else");
        List<Statement> otherwise = List.of();
        if (tokens.next().isName("else")) {
            otherwise = wholeBody("endfor");
        }
        return new Statement.For(target, iterable, test, body, otherwise, recursive, line);
    }

    private Statement condition(int line) {
        List<Statement.Branch> branches = new ArrayList<>();
        int branchLine = line;
        while (true) {
            Expression test = expressions.tuple(false, TupleEnd.TAG);
            List<Statement> body = body("elif", "else", "endif");
            branches.add(new Statement.Branch(test, body, branchLine));
            Token end = tokens.next();
            branchLine = end.line();
            if (!end.isName("elif")) {
                List<Statement> otherwise = end.isName("else") ? wholeBody("endif") : List.of();
                return new Statement.If(List.copyOf(branches), otherwise);
            }
        }
    }

    private Statement assignment(int line) {
        Target target = target(expressions.targets(TupleEnd.TAG, true));
        if (tokens.skipOperator("=")) {
            return new Statement.Assign(target, expressions.tuple(true, TupleEnd.TAG), line);
        }
        Expression value = expressions.filtersOf(new Expression.Captured());
        return new Statement.AssignBlock(target, value, wholeBody("endset"), line);
    }

    private Statement with(int line) {
        List<Statement.Binding> bindings = new ArrayList<>();
        while (!tokens.is(Kind.BLOCK_END)) {
            if (!bindings.isEmpty()) {
                tokens.expectOperator(",");
            }
            Target target = target(expressions.targets(TupleEnd.TAG, false));
            tokens.expectOperator("=");
            bindings.add(new Statement.Binding(target, expressions.expression()));
        }
        return new Statement.With(List.copyOf(bindings), wholeBody("endwith"), line);
    }

    private Statement macro(int line) {
        String name = variableName();
        List<Statement.Parameter> parameters = parameters();
        List<Statement> body = wholeBody("endmacro");
        return new Statement.Macro(name, Names.signature(parameters, body), body, line);
    }

    private Statement callBlock(int line) {
        List<Statement.Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw tokens.failure("expected call");
        }
        List<Statement> body = wholeBody("endcall");
        return new Statement.CallBlock(Names.signature(parameters, body), call, body, line);
    }

    private List<Statement.Parameter> parameters() {
        List<Statement.Parameter> parameters = new ArrayList<>();
        boolean hasDefaults = false;
        tokens.expectOperator("(");
        while (!tokens.isOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = variableName();
            @Nullable Expression value = tokens.skipOperator("=") ? expressions.expression() : null;
            if (value == null && hasDefaults) {
                throw tokens.failure("non-default argument follows default argument");
            }
            if (parameters.stream().anyMatch(parameter -> parameter.name().equals(name))) {
                throw tokens.failure("duplicate argument '" + name + "'");
            }
            hasDefaults |= value != null;
            parameters.add(new Statement.Parameter(name, value));
        }
        tokens.expectOperator(")");
        return List.copyOf(parameters);
    }

    private Statement block(int line) {
        String name = tokens.expect(Kind.NAME).text();
        boolean scoped = tokens.skipName("scoped");
        boolean required = tokens.skipName("required");
        List<Statement> body = wholeBody("endblock");
        tokens.skipName(name);
        return new Statement.Block(name, scoped, required, body, line);
    }

    private Statement loading(Token tag) {
        while (!tokens.is(Kind.BLOCK_END) && !tokens.is(Kind.END)) {
            tokens.next();
        }
        return new Statement.Loading(tag.text(), tag.line());
    }

    private String variableName() {
        Expression name = new Name(tokens.expect(Kind.NAME).text());
        return target(name) instanceof Target.Variable variable ? variable.name() : "";
    }

    private Target target(Expression parsed) {
        return switch (parsed) {
            case Name(String name) -> {
                if (List.of("true", "false", "none", "True", "False", "None").contains(name)) {
                    throw tokens.failure("can't assign to '" + name + "'");
                }
                yield new Target.Variable(name);
            }
            case Expression.NamespaceAttribute(String namespace, String attribute) ->
                    new Target.Attribute(namespace, attribute);
            case TupleLiteral(List<Expression> elements) ->
                    new Target.Several(elements.stream().map(this::target).toList());
            default -> throw tokens.failure("can't assign to this expression");
        };
    }
}
