package dev.tailor.export.internal.card;

import dev.tailor.export.ModelCard;

import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// The YAML between two lines of dashes with which a model card begins.
public final class FrontMatter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9._/-]*");
    private static final Set<String> NOT_TEXT =
            Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

    /// What the Hub takes for a model's name; it refuses cards that name a path.
    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+");

    private FrontMatter() {}

    /// The front matter of a card, dashes included.
    public static String of(ModelCard card) {
        StringBuilder yaml = new StringBuilder("---\n");
        card.license().ifPresent(license -> entry(yaml, "license", license));
        List<String> bases = card.baseModels().stream().flatMap(FrontMatter::hubName).toList();
        list(yaml, "base_model", bases);
        list(yaml, "language", card.languages());
        entry(yaml, "library_name", "transformers");
        entry(yaml, "pipeline_tag", "text-generation");
        List<String> tags = new ArrayList<>(List.of("tailor"));
        card.tags().stream().filter(tag -> !tags.contains(tag)).forEach(tags::add);
        list(yaml, "tags", tags);
        return yaml.append("---\n\n").toString();
    }

    private static java.util.stream.Stream<String> hubName(String model) {
        String name = model.startsWith("hf:") ? model.substring(3) : model;
        int revision = name.indexOf('@');
        String bare = revision < 0 ? name : name.substring(0, revision);
        boolean named = model.startsWith("hf:") && HUB_NAME.matcher(bare).matches();
        return named ? java.util.stream.Stream.of(bare) : java.util.stream.Stream.empty();
    }

    private static void entry(StringBuilder yaml, String key, String value) {
        yaml.append(key).append(": ").append(scalar(value)).append('\n');
    }

    private static void list(StringBuilder yaml, String key, List<String> values) {
        if (!values.isEmpty()) {
            yaml.append(key).append(":\n");
            values.forEach(value -> yaml.append("- ").append(scalar(value)).append('\n'));
        }
    }

    /// A text that YAML reads as that text: JSON's quotes are YAML's too.
    private static String scalar(String value) {
        boolean plain =
                PLAIN.matcher(value).matches()
                        && !NOT_TEXT.contains(value.toLowerCase(Locale.ROOT));
        return plain ? value : JsonMapper.shared().writeValueAsString(value);
    }
}
