/// Low-rank adapters and their files in PEFT's format.
@NullMarked
package dev.tailor.torch.internal.adapter;

import org.jspecify.annotations.NullMarked;
