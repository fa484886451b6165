/// A chat template's shape, told from what it renders, and as a Go template.
@NullMarked
package dev.tailor.export.internal.chat;

import org.jspecify.annotations.NullMarked;
