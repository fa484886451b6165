package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Budget;
import dev.tailor.text.internal.jinja.value.Callable;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Structure;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The functions that every template has: Jinja's `range`, `dict`, `namespace`, `cycler` and
/// `joiner`, and transformers' `raise_exception` and `strftime_now`.
final class Globals {
    private final Runtime runtime;

    private Globals(Runtime runtime) {
        this.runtime = runtime;
    }

    /// The functions by their names.
    static Map<String, Value> of(Runtime runtime) {
        Globals globals = new Globals(runtime);
        Map<String, Value> functions = new HashMap<>();
        for (Builtin function :
                List.of(
                        new Builtin("range", Globals::range),
                        new Builtin("dict", globals::dict),
                        new Builtin("namespace", a -> new Namespace(globals.dict(a))),
                        new Builtin("cycler", globals::cycler),
                        new Builtin("joiner", Globals::joiner),
                        new Builtin("lipsum", Globals::lipsum),
                        new Builtin("raise_exception", globals::raise),
                        new Builtin("strftime_now", globals::strftime))) {
            functions.put(function.name(), function);
        }
        return functions;
    }

    private static Value range(Arguments arguments) {
        var bound = arguments.bind("range", 1, "start", "stop", "step");
        int first = bound.integer("start", 0);
        if (bound.get("stop") == null) {
            return Sequence.Range.of(0, first, 1);
        }
        return Sequence.Range.of(first, bound.integer("stop", 0), bound.integer("step", 1));
    }

    private Dict dict(Arguments arguments) {
        Dict dict = new Dict();
        if (arguments.positional().size() > 1) {
            throw Refusal.of("dict expected at most 1 argument");
        }
        for (Value source : arguments.positional()) {
            if (source instanceof Dict other) {
                other.entries().forEach(entry -> dict.put(entry.key(), entry.value()));
            } else {
                for (Value pair : Iteration.list(source, runtime.budget())) {
                    List<Value> parts = Iteration.list(pair, runtime.budget());
                    if (parts.size() != 2) {
                        throw Refusal.of("dictionary update sequence needs pairs");
                    }
                    dict.put(parts.get(0), parts.get(1));
                }
            }
        }
        arguments.named().forEach((name, value) -> dict.put(Text.of(name), value));
        return dict;
    }

    private Value cycler(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            throw Refusal.of("at least one item has to be provided");
        }
        return new Cycler(arguments.positional());
    }

    private static Value joiner(Arguments arguments) {
        Value separator = arguments.bind("joiner", 0, "sep").get("sep", Text.of(", "));
        return new Joiner(separator);
    }

    private static Value lipsum(Arguments arguments) {
        throw Refusal.of("lipsum() is not supported: its text is random");
    }

    private Value raise(Arguments arguments) {
        Value message = arguments.bind("raise_exception", 1, "message").get("message", Text.EMPTY);
        throw Refusal.of(runtime.str(message).chars());
    }

    private Value strftime(Arguments arguments) {
        Text format = arguments.bind("strftime_now", 1, "format").text("format", Text.EMPTY);
        return Text.of(Strftime.format(format.chars(), runtime.now()));
    }

    /// `cycler(a, b)`: gives its items in turn.
    private static final class Cycler implements Structure {
        private final List<Value> items;
        private int position;

        Cycler(List<Value> items) {
            this.items = items;
        }

        @Override
        public @Nullable Value attribute(String name) {
            return switch (name) {
                case "current" -> items.get(position);
                case "items" -> new Sequence.Tuple(items, List.of());
                case "pos" -> Int.of(position);
                case "next" -> new Builtin("next", this::next);
                case "reset" ->
                        new Builtin(
                                "reset",
                                none -> {
                                    position = 0;
                                    return None.NONE;
                                });
                default -> null;
            };
        }

        private Value next(Arguments none) {
            Value current = items.get(position);
            position = (position + 1) % items.size();
            return current;
        }

        @Override
        public Text repr(Budget budget) {
            return Text.of("<Cycler>");
        }

        @Override
        public String typeName() {
            return "Cycler";
        }
    }

    /// `joiner(sep)`: nothing the first time, the separator from then on.
    private static final class Joiner implements Callable {
        private final Value separator;
        private boolean used;

        Joiner(Value separator) {
            this.separator = separator;
        }

        @Override
        public Value call(Arguments arguments) {
            Value given = used ? separator : Text.EMPTY;
            used = true;
            return given;
        }

        @Override
        public String typeName() {
            return "Joiner";
        }
    }
}
