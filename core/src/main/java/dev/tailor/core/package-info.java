/// What every module shares: error codes, digests, progress events, seeded randomness, safe file
/// writing, YAML with positions, HTML.
@NullMarked
package dev.tailor.core;

import org.jspecify.annotations.NullMarked;
