/// YAML documents whose every node knows its line and column.
@NullMarked
package dev.tailor.core.yaml;

import org.jspecify.annotations.NullMarked;
