package dev.tailor.workflow.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The tables of `docs/reference/recipe.md` come from the table that the reader works by. Run with
/// `TAILOR_WRITE_MANUAL=true` in the environment to write them anew.
class RecipeManualTest {
    private static final String BEGIN = "<!-- keys: written by RecipeManualTest -->\n";

    @Test
    void manual_tables_areThoseOfTheReader() throws IOException {
        Path manual = Path.of(System.getProperty("tailor.root"), "docs/reference/recipe.md");
        String text = Files.readString(manual);
        String expected =
                text.substring(0, text.indexOf(BEGIN) + BEGIN.length())
                        + "\n"
                        + RecipeSchema.markdown().strip()
                        + "\n";
        if (Boolean.parseBoolean(System.getenv("TAILOR_WRITE_MANUAL"))) {
            Files.writeString(manual, expected);
        }

        assertThat(Files.readString(manual)).isEqualTo(expected);
    }
}
