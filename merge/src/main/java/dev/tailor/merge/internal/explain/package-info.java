/// What a merge did: measured while it runs, written as JSON for programs and as a page for people.
@NullMarked
package dev.tailor.merge.internal.explain;

import org.jspecify.annotations.NullMarked;
