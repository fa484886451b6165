/// Reading mergekit's YAML.
@NullMarked
package dev.tailor.merge.internal.config;

import org.jspecify.annotations.NullMarked;
