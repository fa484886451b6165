/// What the exporters share.
@NullMarked
package dev.tailor.export.internal;

import org.jspecify.annotations.NullMarked;
