/// From the source of a template to its syntax tree.
@NullMarked
package dev.tailor.text.internal.jinja.syntax;

import org.jspecify.annotations.NullMarked;
