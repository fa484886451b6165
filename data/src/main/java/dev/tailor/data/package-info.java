/// Reading data sets: format detection, checks, mixing and splits.
@NullMarked
package dev.tailor.data;

import org.jspecify.annotations.NullMarked;
