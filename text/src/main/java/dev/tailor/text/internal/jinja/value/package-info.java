/// Python's values as a template sees them: their operators, their texts, their JSON.
@NullMarked
package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.NullMarked;
