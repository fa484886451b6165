package dev.tailor.torch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The models with recorded outputs: those beside the tests, and the larger ones of a shared
/// directory where there is one (`-Dtailor.shared`).
final class RecordedModels {
    private static final List<String> LLAMA =
            List.of(
                    "llama",
                    "llama_tied_bias",
                    "llama_rope_linear",
                    "llama_rope_dynamic",
                    "llama_rope_yarn",
                    "llama_rope_llama3");

    private static final List<String> FAMILIES =
            List.of(
                    "qwen2",
                    "mistral",
                    "qwen3",
                    "olmo2",
                    "granite",
                    "arcee",
                    "smollm3",
                    "phi3",
                    "phi3_longrope",
                    "gemma2",
                    "gemma3_text",
                    "mixtral",
                    "qwen2_moe",
                    "qwen3_moe");

    private RecordedModels() {}

    /// Directories of every family, Llama with every kind of rotation.
    static Stream<Path> all() {
        return Stream.concat(LLAMA.stream().map(Golden::path), families());
    }

    /// Directories beside the tests of every family but Llama.
    static Stream<Path> beside() {
        return FAMILIES.stream().map(family -> Golden.path("families/" + family));
    }

    private static Stream<Path> families() {
        Path shared =
                Path.of(System.getProperty("tailor.shared", "../../shared"), "golden", "model");
        return Stream.concat(
                beside(), FAMILIES.stream().map(shared::resolve).filter(Files::isDirectory));
    }
}
