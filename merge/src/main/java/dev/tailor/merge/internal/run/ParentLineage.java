package dev.tailor.merge.internal.run;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a parent comes from, by its `tailor.json`.
///
/// @param made how: a merge method, or the kind of a recipe's stage
/// @param recipe the recipe, if there was one
/// @param from the models it was made of
record ParentLineage(String made, Optional<String> recipe, List<String> from) {
    /// The lineage of a model directory; empty if there is none or it cannot be read: a file of
    /// another's making must not stop the work.
    static Optional<ParentLineage> of(Path directory) {
        Path file = directory.resolve("tailor.json");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonNode lineage = JsonMapper.shared().readTree(Files.readAllBytes(file));
            List<String> from = new ArrayList<>();
            for (JsonNode parent : lineage.path("parents")) {
                text(parent, "model").or(() -> text(parent, "name")).ifPresent(from::add);
            }
            Optional<String> made =
                    text(lineage, "method")
                            .map(method -> "merge (" + method + ")")
                            .or(() -> text(lineage, "kind"))
                            .or(() -> text(lineage, "stage"));
            return made.map(how -> new ParentLineage(how, text(lineage, "recipe"), from));
        } catch (java.io.IOException | JacksonException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        return value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
    }
}
