package dev.tailor.workflow.recipe;

import dev.tailor.workflow.internal.keys.ManualWriter;
import dev.tailor.workflow.internal.keys.SchemaWriter;
import dev.tailor.workflow.internal.keys.Shape;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The recipe's language, described for editors (JSON Schema) and for readers (Markdown). Both come
/// from the table that the reader works by.
public final class RecipeSchema {
    private RecipeSchema() {}

    /// The JSON Schema (draft 2020-12) of a recipe, which editors use to complete and check YAML.
    public static String json() {
        SchemaWriter writer = new SchemaWriter();
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Tailor recipe");
        schema.putAll(withStages(writer.object(RecipeKeys.ROOT), writer));
        schema.put("$defs", writer.definitions());
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(schema)
                + "\n";
    }

    /// The tables of all keys, for the reference manual.
    public static String markdown() {
        List<Shape> shapes = new ArrayList<>(List.of(RecipeKeys.ROOT));
        shapes.addAll(RecipeKeys.STAGES.values());
        return new ManualWriter().sections(shapes);
    }

    private static Map<String, Object> withStages(Map<String, Object> root, SchemaWriter writer) {
        Map<String, Object> properties = new LinkedHashMap<>();
        if (root.get("properties") instanceof Map<?, ?> own) {
            own.forEach((key, value) -> properties.put((String) key, value));
        }
        Map<String, Object> stages = new LinkedHashMap<>();
        stages.put("type", "array");
        stages.put("minItems", 1);
        stages.put("items", writer.tagged(RecipeKeys.STAGES, false));
        stages.put("description", "What to do, in order.");
        properties.put("stages", stages);
        root.put("properties", properties);
        return root;
    }
}
