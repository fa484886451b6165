package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The path of an `attribute=` argument: `name`, `outer.inner`, `list.0`; none is the value itself.
record AttributePath(List<Value> steps) {
    static AttributePath of(Value attribute) {
        List<Value> steps = new ArrayList<>();
        switch (attribute) {
            case Value.None none -> {}
            case Text text -> {
                for (String part : text.chars().split("\\.", -1)) {
                    boolean isIndex = TextCase.all(part, Character::isDigit) && part.length() < 10;
                    steps.add(isIndex ? Value.Int.of(Integer.parseInt(part)) : Text.of(part));
                }
            }
            default -> steps.add(attribute);
        }
        return new AttributePath(steps);
    }

    /// Several paths with commas between them.
    static List<AttributePath> several(Value attribute) {
        if (!(attribute instanceof Text text)) {
            return List.of(of(attribute));
        }
        List<AttributePath> paths = new ArrayList<>();
        for (String part : text.chars().split(",", -1)) {
            paths.add(of(Text.of(part)));
        }
        return paths;
    }

    Value get(Value value, Runtime runtime) {
        return get(value, null, runtime);
    }

    Value get(Value value, @Nullable Value otherwise, Runtime runtime) {
        Value current = value;
        for (Value step : steps) {
            current = runtime.members().item(current, step);
            if (otherwise != null && current instanceof Undefined) {
                current = otherwise;
            }
        }
        return current;
    }
}
