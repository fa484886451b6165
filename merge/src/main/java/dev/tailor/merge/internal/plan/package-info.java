/// From a configuration to a plan: which tensor of which model goes where, before any is read.
@NullMarked
package dev.tailor.merge.internal.plan;

import org.jspecify.annotations.NullMarked;
