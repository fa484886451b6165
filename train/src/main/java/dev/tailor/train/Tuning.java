package dev.tailor.train;

import dev.tailor.torch.LoraConfig;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Which weights learn.
public sealed interface Tuning {
    /// All weights but those whose name a pattern of `freeze` is found in (regular expressions,
    /// such as `embed_tokens` or `layers\.[0-3]\.`).
    record Full(List<String> freeze) implements Tuning {
        public Full {
            freeze = List.copyOf(freeze);
        }

        /// Everything learns.
        public static Full all() {
            return new Full(List.of());
        }
    }

    /// A low-rank adapter on frozen weights: a new one, or one that goes on learning.
    record Lora(LoraConfig config, Optional<Path> continueFrom) implements Tuning {
        /// A new adapter.
        public static Lora fresh(LoraConfig config) {
            return new Lora(config, Optional.empty());
        }
    }

    /// A low-rank adapter on weights kept in 4 bits (QLoRA, arXiv 2305.14314): NF4, the precision
    /// of the settings for everything else. The result is fused into the original weights.
    ///
    /// @param doubleQuantisation whether the magnitudes of the blocks are quantised as well
    record Qlora(Lora lora, boolean doubleQuantisation) implements Tuning {}

    /// The layers with the best signal-to-noise ratio, embedding and output head included; the rest
    /// is frozen (Spectrum, arXiv 2406.06623).
    ///
    /// @param topPercent the share of layers of each type that learns, in (0, 100]
    /// @param file a selection made before (YAML with `unfrozen_parameters`), or scan results
    ///   (JSON); without one, the base model is scanned
    /// @param types the types to choose among, such as `mlp.down_proj`; empty for every matrix
    ///   inside a layer
    record Spectrum(double topPercent, Optional<Path> file, List<String> types) implements Tuning {
        public Spectrum {
            if (!(topPercent > 0 && topPercent <= 100)) {
                throw new IllegalArgumentException(
                        "top must lie in (0, 100] percent, not " + topPercent);
            }
            types = List.copyOf(types);
        }
    }
}
