/// Tunes one adapter for each of many tasks and holds it against its base.
@NullMarked
package dev.tailor.workflow.loraland;

import org.jspecify.annotations.NullMarked;
