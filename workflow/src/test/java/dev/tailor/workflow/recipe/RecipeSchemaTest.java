package dev.tailor.workflow.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecipeSchemaTest {
    private final JsonNode schema = JsonMapper.builder().build().readTree(RecipeSchema.json());

    @Test
    void json_everyReference_isDefined() {
        assertThat(schema.findValuesAsString("$ref"))
                .isNotEmpty()
                .allSatisfy(reference ->
                        assertThat(schema.at(reference.substring(1)).isObject()).isTrue());
    }

    @Test
    void json_stage_knowsItsKeysAndNoOthers() {
        JsonNode cpt = schema.at("/$defs/cpt");

        assertThat(cpt.at("/properties/learning-rate/type").stringValue()).isEqualTo("number");
        assertThat(cpt.at("/properties/epochs/exclusiveMinimum").doubleValue()).isZero();
        assertThat(cpt.at("/additionalProperties").booleanValue()).isFalse();
        assertThat(cpt.at("/required").toString()).isEqualTo("[\"from\",\"data\"]");
        assertThat(schema.at("/properties/stages/items/oneOf").size()).isEqualTo(10);
    }

    @Test
    void markdown_everyStage_hasATable() {
        assertThat(RecipeSchema.markdown())
                .contains("### recipe", "### cpt", "### lora", "### gate", "| `learning-rate` |");
    }
}
