package dev.tailor.text.internal.jinja;

import dev.tailor.core.TailorException;
import dev.tailor.text.internal.jinja.syntax.Layout;
import dev.tailor.text.internal.jinja.syntax.Names;
import dev.tailor.text.internal.jinja.syntax.Parser;
import dev.tailor.text.internal.jinja.syntax.Statement;
import dev.tailor.text.internal.jinja.syntax.Validation;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Value;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;

/// A parsed and checked template. Immutable: any number of threads may render it at once.
public final class Template {
    private final String name;
    private final List<Statement> statements;
    private final Names names;
    private final boolean strict;

    private Template(String name, List<Statement> statements, boolean strict) {
        this.name = name;
        this.statements = statements;
        this.names = Names.of(statements);
        this.strict = strict;
    }

    /// Parses a chat template; errors carry `name:line`.
    public static Template compile(String source, String name) {
        return compile(source, name, Layout.CHAT, false);
    }

    /// Parses a template; errors carry `name:line`.
    ///
    /// @param strict whether what does not exist may neither be printed nor asked for its truth
    public static Template compile(String source, String name, Layout layout, boolean strict) {
        try {
            List<Statement> statements = Parser.parse(source, layout);
            Validation.check(statements, Filters.ALL.keySet(), Tests.ALL.keySet());
            return new Template(name, statements, strict);
        } catch (TailorException e) {
            throw e.at(name + e.where().map(line -> ":" + line).orElse(""));
        } catch (StackOverflowError e) {
            throw Refusal.limit("blocks nested too deeply").at(name);
        }
    }

    /// Renders the template. The text carries marks of where the conversation's data and the `{%
    /// generation %}` blocks stand in it.
    ///
    /// @param variables JSON-like values: texts, numbers, booleans, null, lists and maps of them
    /// @param now what `strftime_now` sees
    public Text render(Map<String, ?> variables, LocalDateTime now) {
        Runtime runtime = new Runtime(now, strict);
        try {
            Map<String, Value> values = Globals.of(runtime);
            values.putAll(Variables.of(variables));
            return new Interpreter(runtime, names).run(statements, values);
        } catch (TailorException e) {
            throw e.at(name + ":" + runtime.line());
        } catch (StackOverflowError e) {
            throw Refusal.limit("calls nested too deeply").at(name + ":" + runtime.line());
        }
    }

    /// Whether the template says itself what the model is to learn.
    public boolean marksGenerations() {
        return Statement.contains(statements, Statement.Generation.class);
    }
}
