package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;
import dev.tailor.serve.ApiKeys;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class ServeCommandTest {
    @TempDir Path directory;

    @Test
    void hashKey_printsTheLineForTheFileAndTheKeyApart() throws Exception {
        Invocation run = Invocation.of("serve", "--hash-key", "alice");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("alice:");
        String key = run.err().strip();
        assertThat(run.out()).doesNotContain(key);
        Path file = Files.writeString(directory.resolve("keys.txt"), run.out());
        assertThat(ApiKeys.load(file).accept(key)).isTrue();
        assertThat(ApiKeys.load(file).accept(key + "x")).isFalse();
    }

    @Test
    void wrongArguments_areUsageErrors() {
        assertThat(Invocation.of("serve").err()).contains("MODEL");
        for (Object[] wrong :
                new Object[][] {
                    {"serve"},
                    {"serve", Invocation.model(), "--port", "70000"},
                    {"serve", Invocation.model(), "--max-batch", "0"},
                    {"serve", Invocation.model(), "--adapter", "nameless"},
                    {"serve", "--hash-key", "a b"},
                }) {
            assertThat(Invocation.of(wrong).exitCode()).isEqualTo(2);
        }
    }

    @Test
    void missingFiles_areNamed() {
        Invocation keys =
                Invocation.of("serve", Invocation.model(), "--api-key-file", "no/keys.txt");
        assertThat(keys.exitCode()).isEqualTo(3);
        assertThat(keys.err()).contains("no/keys.txt");
        assertThat(Invocation.of("serve", "no/model").exitCode()).isEqualTo(3);
        Invocation adapter =
                Invocation.of("serve", Invocation.model(), "--adapter", "a=no/adapter");
        assertThat(adapter.exitCode()).isEqualTo(3);
        assertThat(adapter.err()).contains("no/adapter");
        Invocation clash =
                Invocation.of("serve", Invocation.model(), "--adapter", "llama=no/adapter");
        assertThat(clash.exitCode()).isEqualTo(2);
    }
}
