package dev.tailor.torch;

import java.util.List;
import java.util.regex.Pattern;

/// Which linear layers an adapter goes to, and whether it goes to the embedding. Module names are
/// those of the checkpoint without `.weight`, such as `model.layers.0.self_attn.q_proj`.
public sealed interface LoraTargets {
    /// Whether the module of that name gets an adapter.
    boolean includes(String module);

    /// Whether the embedding gets one: only where it is asked for by name.
    default boolean includesEmbedding() {
        return !(this instanceof AllLinear) && includes("model.embed_tokens");
    }

    /// Every linear layer but the output head and the routers of experts.
    record AllLinear() implements LoraTargets {
        @Override
        public boolean includes(String module) {
            return !module.equals("lm_head") && !module.endsWith(".gate");
        }
    }

    /// The modules whose name is one of these or ends with `.` and one of these.
    record Names(List<String> names) implements LoraTargets {
        /// Keeps an own copy.
        public Names {
            names = List.copyOf(names);
        }

        @Override
        public boolean includes(String module) {
            return names.stream().anyMatch(n -> module.equals(n) || module.endsWith("." + n));
        }
    }

    /// The modules whose whole name matches a regular expression, as PEFT reads a single string.
    record Matching(String regex) implements LoraTargets {
        @Override
        public boolean includes(String module) {
            return Pattern.matches(regex, module);
        }
    }
}
