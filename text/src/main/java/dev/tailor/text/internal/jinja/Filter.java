package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Value;

/// A filter: `input|name(arguments)`.
@FunctionalInterface
interface Filter {
    Value apply(Value input, Arguments arguments, Runtime runtime);
}
