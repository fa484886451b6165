package dev.tailor.train.internal.loop;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Identifies a model by what it computes: its configuration and weights, not its name or place.
final class BaseDigest {
    private BaseDigest() {}

    /// The digest of `config.json` and all safetensors files of a directory.
    static String of(Path model) {
        StringBuilder listing = new StringBuilder();
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.filter(BaseDigest::counts).sorted().toList()) {
                listing.append(file.getFileName()).append(' ').append(Digest.ofFile(file));
                listing.append('\n');
            }
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(model)
                    .causedBy(e);
        }
        return Digest.ofString(listing.toString());
    }

    private static boolean counts(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith("config.json")
                        && !name.startsWith("generation")
                        && !name.startsWith("tokenizer")
                || name.endsWith(".safetensors");
    }
}
