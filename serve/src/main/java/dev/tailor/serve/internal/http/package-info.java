/// Connections: routes, keys, streams of events, metrics.
@NullMarked
package dev.tailor.serve.internal.http;

import org.jspecify.annotations.NullMarked;
