/// What every command shares: output, errors, progress and being interrupted.
@NullMarked
package dev.tailor.cli.terminal;

import org.jspecify.annotations.NullMarked;
