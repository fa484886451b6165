/// The Jinja engine: evaluates parsed chat templates as Jinja 3 with transformers' settings does
/// (`trim_blocks`, `lstrip_blocks`, immutable sandbox, loop controls, `{% generation %}`).
@NullMarked
package dev.tailor.text.internal.jinja;

import org.jspecify.annotations.NullMarked;
