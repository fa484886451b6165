package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.merge.ChatTemplateChoice;
import dev.tailor.text.ChatTemplate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Reads `chat_template`: `auto`, a name, or a template written out.
final class ChatTemplateReader {
    /// The formats that have a name; each is a resource beside this class.
    private static final List<String> NAMES =
            List.of("alpaca", "chatml", "exaone", "llama3", "mistral");

    private ChatTemplateReader() {}

    static Optional<ChatTemplateChoice> read(MappingReader file) {
        return file.text("chat_template")
                .map(text -> choice(text, file.valueLocation("chat_template")));
    }

    private static ChatTemplateChoice choice(String text, Location place) {
        if (text.equals("auto")) {
            return new ChatTemplateChoice.MostFrequent();
        }
        if (NAMES.contains(text)) {
            return new ChatTemplateChoice.Given(text, named(text));
        }
        if (!text.contains("{")) {
            throw invalid(place, "unknown chat template '" + text + "'")
                    .remedy(
                            Suggestion.nearest(text, NAMES)
                                    .map(near -> "did you mean '" + near + "'?")
                                    .orElse(
                                            "give auto, "
                                                    + String.join(", ", NAMES)
                                                    + ", or the template's Jinja text"));
        }
        try {
            ChatTemplate.compile(text, "chat_template");
        } catch (TailorException e) {
            throw TailorException.of(
                            ErrorCode.TEMPLATE_INVALID,
                            "the template does not parse (%s): %s"
                                    .formatted(e.where().orElse("chat_template"), e.getMessage()))
                    .at(place)
                    .causedBy(e);
        }
        return new ChatTemplateChoice.Given("chat_template", text);
    }

    private static String named(String name) {
        try (InputStream source =
                ChatTemplateReader.class.getResourceAsStream("chat-templates/" + name + ".jinja")) {
            if (source == null) {
                throw new IllegalStateException(name + ".jinja is missing from the jar");
            }
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
