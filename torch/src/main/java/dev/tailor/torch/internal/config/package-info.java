/// From the `config.json` of each model family to the features of a decoder.
@NullMarked
package dev.tailor.torch.internal.config;

import org.jspecify.annotations.NullMarked;
