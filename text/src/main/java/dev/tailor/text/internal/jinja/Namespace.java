package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Budget;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Repr;
import dev.tailor.text.internal.jinja.value.Structure;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.TextBuilder;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

/// `namespace(...)`: the one value whose attributes a template may set.
final class Namespace implements Structure {
    private final Dict attributes;

    Namespace(Dict attributes) {
        this.attributes = attributes;
    }

    void set(String name, Value value) {
        attributes.put(Text.of(name), value);
    }

    @Override
    public @Nullable Value attribute(String name) {
        return attributes.get(name);
    }

    @Override
    public Text repr(Budget budget) {
        budget.enter();
        Text inside = Repr.repr(attributes, budget);
        budget.leave();
        return new TextBuilder(budget).append("<Namespace ").append(inside).append(">").text();
    }

    @Override
    public String typeName() {
        return "Namespace";
    }
}
