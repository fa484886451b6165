/// The linear algebra behind the Spectrum scan.
@NullMarked
package dev.tailor.train.internal.spectrum;

import org.jspecify.annotations.NullMarked;
