package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Budget;
import dev.tailor.text.internal.jinja.value.Callable;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Structure;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// The `loop` variable. It looks ahead only when asked to, since a loop's condition may depend on
/// what its body does.
final class Loop implements Structure, Callable {
    /// Renders the body of a recursive loop over other elements, one level deeper.
    interface Recursion {
        Value render(Value elements, int depth);
    }

    private final Runtime runtime;
    private final @Nullable Recursion recursion;
    private final int depth;
    private Iterator<Value> elements;
    private int length;
    private int index = -1;
    private @Nullable Value current;
    private @Nullable Value previous;
    private @Nullable Value ahead;
    private @Nullable List<Value> lastChanged;

    /// @param length how many elements there are, or -1 where that is not known beforehand
    Loop(
            Iterator<Value> elements,
            int length,
            @Nullable Recursion recursion,
            int depth,
            Runtime runtime) {
        this.elements = elements;
        this.length = length;
        this.recursion = recursion;
        this.depth = depth;
        this.runtime = runtime;
    }

    /// The next element, or null at the end.
    @Nullable Value advance() {
        Value next = peek();
        ahead = null;
        if (next != null) {
            index++;
            previous = current;
            current = next;
        }
        return next;
    }

    private @Nullable Value peek() {
        if (ahead == null && elements.hasNext()) {
            ahead = elements.next();
        }
        return ahead;
    }

    private int length() {
        if (length < 0) {
            List<Value> rest = new ArrayList<>();
            while (elements.hasNext()) {
                runtime.budget().step();
                rest.add(elements.next());
            }
            elements = rest.iterator();
            length = rest.size() + index + 1 + (ahead == null ? 0 : 1);
        }
        return length;
    }

    @Override
    public @Nullable Value attribute(String name) {
        return switch (name) {
            case "index" -> Int.of(index + 1L);
            case "index0" -> Int.of(index);
            case "revindex" -> Int.of(length() - index);
            case "revindex0" -> Int.of(length() - index - 1L);
            case "first" -> Bool.of(index == 0);
            case "last" -> Bool.of(peek() == null);
            case "length" -> Int.of(length());
            case "depth" -> Int.of(depth + 1L);
            case "depth0" -> Int.of(depth);
            case "previtem" ->
                    index == 0 || previous == null
                            ? Undefined.because("there is no previous item")
                            : previous;
            case "nextitem" -> {
                Value next = peek();
                yield next == null ? Undefined.because("there is no next item") : next;
            }
            case "cycle" -> new Builtin("cycle", this::cycle);
            case "changed" -> new Builtin("changed", this::changed);
            default -> null;
        };
    }

    private Value cycle(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            throw Refusal.of("no items for cycling given");
        }
        return arguments.positional().get(index % arguments.positional().size());
    }

    private Value changed(Arguments arguments) {
        List<Value> now = arguments.positional();
        boolean same =
                lastChanged != null
                        && runtime.comparison()
                                .equal(
                                        new Sequence.ListValue(lastChanged),
                                        new Sequence.ListValue(now));
        lastChanged = now;
        return Bool.of(!same);
    }

    @Override
    public Value call(Arguments arguments) {
        Value inner = arguments.bind("loop", 1, "iterable").get("iterable", None.NONE);
        if (recursion == null) {
            throw Refusal.of("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recursion.render(inner, depth + 1);
    }

    @Override
    public boolean truth() {
        return length() > 0;
    }

    @Override
    public Text repr(Budget budget) {
        return Text.of("<LoopContext " + (index + 1) + "/" + length() + ">");
    }

    @Override
    public String repr() {
        return "<LoopContext " + (index + 1) + "/" + length() + ">";
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }
}
