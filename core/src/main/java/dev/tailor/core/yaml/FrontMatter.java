package dev.tailor.core.yaml;

import dev.tailor.core.Location;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The YAML between two lines of dashes with which a model card begins, as it is read.
public record FrontMatter(YamlNode.Mapping mapping) {
    private static final Pattern BLOCK =
            Pattern.compile("\\A---\\R(.*?)\\R---\\s*(\\R|\\z)", Pattern.DOTALL);

    /// The front matter of a card; nothing in it if there is none or it cannot be read: a card is
    /// for people, and one that is broken must not stop the work.
    public static FrontMatter read(Path card) {
        return new FrontMatter(
                block(card).orElse(new YamlNode.Mapping(new Location(card, 0, 0), Map.of())));
    }

    private static Optional<YamlNode.Mapping> block(Path card) {
        if (!Files.isRegularFile(card)) {
            return Optional.empty();
        }
        try {
            Matcher block = BLOCK.matcher(Files.readString(card));
            return block.find()
                            && Yaml.single(card, block.group(1)) instanceof YamlNode.Mapping mapping
                    ? Optional.of(mapping)
                    : Optional.empty();
        } catch (IOException | TailorException e) {
            return Optional.empty();
        }
    }

    /// The text that stands at a key, if it is text.
    public Optional<String> text(String key) {
        YamlNode.Entry entry = mapping.entries().get(key);
        return entry != null && entry.value().plain() instanceof String text
                ? Optional.of(text)
                : Optional.empty();
    }
}
