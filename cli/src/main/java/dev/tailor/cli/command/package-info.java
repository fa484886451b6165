/// One class per command: it parses, calls one module, and renders what comes back.
@NullMarked
package dev.tailor.cli.command;

import org.jspecify.annotations.NullMarked;
