/// Files become rows: one reader per kind of file, all of them streaming, bounded and strict about
/// what a file claims to be.
@NullMarked
package dev.tailor.data.internal.read;

import org.jspecify.annotations.NullMarked;
