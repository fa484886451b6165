/// The only room that touches libtorch: the decoder, adapters, generation and optimisers.
@NullMarked
package dev.tailor.torch;

import org.jspecify.annotations.NullMarked;
