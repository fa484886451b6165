package dev.tailor.train.distillation;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What a store of logits holds, and of what it was made: its `store.json`.
///
/// @param teacher digest of the teacher's configuration and weights
/// @param computed the number format that the teacher computed in, `float32` or `bfloat16`
/// @param tokenizer digest of the tokens and their ids
/// @param tokens digest of the sequences and of which of their tokens are learnt
/// @param vocabulary tokens that the distributions are over
/// @param top tokens listed for each position
/// @param temperature that the rest's mass is meant at
/// @param precision of the listed log-probabilities
/// @param sequences sequences in all parts
/// @param positions positions in all parts
/// @param parts files `part-000000.bin` and so on
public record StoreHeader(
        String teacher,
        String computed,
        String tokenizer,
        String tokens,
        int vocabulary,
        int top,
        double temperature,
        StorePrecision precision,
        int sequences,
        long positions,
        int parts) {
    private static final int FORMAT = 1;
    private static final long MOST_BYTES = 1 << 16;

    /// Sizes that no model reaches, and with which no product of sizes overflows.
    private static final int MOST_TOKENS = 1 << 30;

    private static final int MOST_TOP = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// The name of the file in a store.
    public static final String FILE = "store.json";

    /// The digest that a store of this content goes by.
    public String key() {
        return Digest.ofString(
                "%d\n%s\n%s\n%s\n%s\n%d\n%d\n%s\n%s\n"
                        .formatted(
                                FORMAT,
                                teacher,
                                computed,
                                tokenizer,
                                tokens,
                                vocabulary,
                                top,
                                temperature,
                                word()));
    }

    private String word() {
        return precision.name().toLowerCase(Locale.ROOT);
    }

    /// The name of the directory that a store of this content lies in.
    public String directoryName() {
        return "logits-" + key().substring(0, 16);
    }

    /// The same as a file.
    public String json() {
        ObjectNode node = JSON.createObjectNode();
        node.put("format", FORMAT);
        node.put("key", key());
        node.put("teacher", teacher);
        node.put("computed", computed);
        node.put("tokenizer", tokenizer);
        node.put("tokens", tokens);
        node.put("vocabulary", vocabulary);
        node.put("top", top);
        node.put("temperature", temperature);
        node.put("precision", word());
        node.put("sequences", sequences);
        node.put("positions", positions);
        node.put("parts", parts);
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n";
    }

    /// Reads the header of a store.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` where there is none, `FILE_CORRUPT` where it is not
    ///   what [#json] writes
    public static StoreHeader read(Path store) {
        Path file = store.resolve(FILE);
        try {
            if (!Files.isRegularFile(file)) {
                throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "this is no store of logits")
                        .at(store)
                        .remedy("a store is a directory with " + FILE + " and its parts");
            }
            if (Files.size(file) > MOST_BYTES) {
                throw corrupt(file, "it is far too long");
            }
            return new Fields(file, JSON.readTree(Files.readAllBytes(file))).header();
        } catch (IOException | JacksonException e) {
            throw corrupt(file, "it cannot be read: " + e.getMessage()).causedBy(e);
        }
    }

    static TailorException corrupt(Path file, String what) {
        return TailorException.of(ErrorCode.FILE_CORRUPT, what)
                .at(file)
                .remedy("delete the store: a stage that needs it makes it anew");
    }

    private record Fields(Path file, JsonNode node) {
        StoreHeader header() {
            if (number("format", 0, Integer.MAX_VALUE) != FORMAT) {
                throw corrupt(file, "its format is another one than " + FORMAT);
            }
            int vocabulary = (int) number("vocabulary", 1, MOST_TOKENS);
            StoreHeader header =
                    new StoreHeader(
                            text("teacher"),
                            text("computed"),
                            text("tokenizer"),
                            text("tokens"),
                            vocabulary,
                            (int) number("top", 1, Math.min(vocabulary, MOST_TOP)),
                            temperature(),
                            precision(),
                            (int) number("sequences", 0, Integer.MAX_VALUE),
                            number("positions", 0, Long.MAX_VALUE),
                            (int) number("parts", 0, 999_999));
            if (!header.key().equals(text("key"))) {
                throw corrupt(file, "its key is not that of its content");
            }
            return header;
        }

        private String text(String name) {
            JsonNode value = node.get(name);
            if (value == null || !value.isString()) {
                throw corrupt(file, "'" + name + "' is missing or no text");
            }
            return value.stringValue();
        }

        private long number(String name, long least, long most) {
            JsonNode value = node.get(name);
            if (value == null
                    || !value.isIntegralNumber()
                    || !value.canConvertToLong()
                    || value.longValue() < least
                    || value.longValue() > most) {
                throw corrupt(
                        file, "'%s' is no whole number from %d to %d".formatted(name, least, most));
            }
            return value.longValue();
        }

        private double temperature() {
            JsonNode value = node.get("temperature");
            if (value == null || !value.isNumber() || !(value.doubleValue() > 0)) {
                throw corrupt(file, "'temperature' is no number above 0");
            }
            return value.doubleValue();
        }

        private StorePrecision precision() {
            return switch (text("precision")) {
                case "float16" -> StorePrecision.FLOAT16;
                case "float32" -> StorePrecision.FLOAT32;
                default -> throw corrupt(file, "'precision' is neither float16 nor float32");
            };
        }
    }
}
