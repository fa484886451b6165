package dev.tailor.serve;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// How a server is run.
///
/// @param host the address it listens at
/// @param port its port; 0 for any that is free
/// @param keys the keys that let clients in; without, everybody is
/// @param corsOrigin the origin whose pages may ask, `*` for all; without, none but its own
/// @param load how much it takes on at once
/// @param adapters PEFT directories by the names that clients ask for
/// @param votes the file that votes between two answers are appended to; without, none are kept
public record ServerSettings(
        String host,
        int port,
        Optional<ApiKeys> keys,
        Optional<String> corsOrigin,
        Load load,
        Map<String, Path> adapters,
        Optional<Path> votes) {
    /// How much a server takes on at once.
    ///
    /// @param sequences most answers that are generated together
    /// @param waiting most answers that wait for their turn; further requests are refused
    /// @param cachedTokens tokens of all answers and prompts together that are remembered
    /// @param bodyBytes the largest request
    public record Load(int sequences, int waiting, int cachedTokens, int bodyBytes) {
        /// Checks the ranges.
        public Load {
            require(sequences, "max-batch");
            require(waiting, "max-queue");
            require(cachedTokens, "cache-tokens");
            require(bodyBytes, "max-body");
        }

        private static void require(int value, String name) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be at least 1, not " + value);
            }
        }
    }

    /// Copies the adapters, keeping their order.
    public ServerSettings {
        adapters = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(adapters));
    }
}
