/// One class per command.
@NullMarked
package dev.tailor.cli;

import org.jspecify.annotations.NullMarked;
