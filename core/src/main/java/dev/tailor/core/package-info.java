/// What every module shares: error codes, digests, progress events, seeded randomness, safe file
/// writing, YAML with positions.
@NullMarked
package dev.tailor.core;

import org.jspecify.annotations.NullMarked;
