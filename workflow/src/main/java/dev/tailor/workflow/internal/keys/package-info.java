/// Settings described once: a table of keys that feeds the reader, the JSON Schema and the manual.
@NullMarked
package dev.tailor.workflow.internal.keys;

import org.jspecify.annotations.NullMarked;
