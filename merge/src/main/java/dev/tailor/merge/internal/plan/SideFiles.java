package dev.tailor.merge.internal.plan;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the models' side files must agree on.
final class SideFiles {
    private SideFiles() {}

    /// Tokens keep their rows only where all models number them alike.
    static void requireSameTokenizer(List<OpenModel> models) {
        List<Path> files =
                models.stream()
                        .map(model -> model.model().directory().resolve("tokenizer.json"))
                        .filter(Files::exists)
                        .toList();
        if (files.isEmpty()) {
            return;
        }
        String first = Digest.ofFile(files.getFirst());
        for (Path file : files) {
            if (!Digest.ofFile(file).equals(first)) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "the models' tokenizers differ; merging their vocabularies is not"
                                        + " ready yet")
                        .at(file)
                        .remedy("leave 'tokenizer_source' out to merge row by row");
            }
        }
    }
}
