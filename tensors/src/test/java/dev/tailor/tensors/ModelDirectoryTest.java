package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class ModelDirectoryTest {
    @TempDir Path directory;

    @Test
    void open_configOnly_readsTheConfig() throws IOException {
        Files.writeString(directory.resolve("config.json"), "{\"vocab_size\": 80}");
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            assertThat(model.config().get("vocab_size").intValue()).isEqualTo(80);
        }
    }

    @Test
    void open_withoutConfig_saysSo() {
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> ModelDirectory.open(directory));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(error.getMessage()).contains("no config.json");
    }

    @Test
    void open_brokenConfig_namesLineAndColumn() throws IOException {
        Files.writeString(directory.resolve("config.json"), "{\n  \"a\": 1,\n  oops\n}");
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> ModelDirectory.open(directory));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
        assertThat(error.where())
                .hasValueSatisfying(where -> assertThat(where).contains("config.json:3:"));
    }

    @Test
    void copySideFiles_tokenizerAndTemplate_leavesTheRest() throws IOException {
        Path from = Files.createDirectory(directory.resolve("from"));
        Path to = Files.createDirectory(directory.resolve("to"));
        for (String name :
                new String[] {
                    "config.json", "tokenizer.json", "chat_template.jinja", "notes.txt"
                }) {
            Files.writeString(from.resolve(name), "{}");
        }
        try (ModelDirectory model = ModelDirectory.open(from)) {
            model.copySideFilesTo(to);
        }
        assertThat(to.resolve("tokenizer.json")).exists();
        assertThat(to.resolve("chat_template.jinja")).exists();
        assertThat(to.resolve("config.json")).doesNotExist();
        assertThat(to.resolve("notes.txt")).doesNotExist();
    }
}
