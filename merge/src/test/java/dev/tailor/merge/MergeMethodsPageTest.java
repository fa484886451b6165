package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/// `docs/reference/merge-methods.md` comes from what the methods say of themselves. Run with
/// `TAILOR_WRITE_MANUAL=true` in the environment to write it anew.
class MergeMethodsPageTest {
    private static final String BEGIN = "<!-- methods: written by MergeMethodsPageTest -->\n";

    @Test
    void page_methods_areThoseOfTheProgram() throws IOException {
        Path page = Path.of(System.getProperty("tailor.root"), "docs/reference/merge-methods.md");
        String text = Files.readString(page);
        String expected =
                text.substring(0, text.indexOf(BEGIN) + BEGIN.length())
                        + overview()
                        + Arrays.stream(MergeMethod.values())
                                .map(MergeMethodsPageTest::section)
                                .collect(Collectors.joining());
        if (Boolean.parseBoolean(System.getenv("TAILOR_WRITE_MANUAL"))) {
            Files.writeString(page, expected);
        }
        assertThat(Files.readString(page)).isEqualTo(expected);
    }

    private static String overview() {
        return Arrays.stream(MergeMethod.values())
                .map(method ->
                        "| [`%s`](#%s) | %s | %s | %d |\n"
                                .formatted(
                                        method.key(),
                                        method.key(),
                                        method.summary(),
                                        method.requirements().inWords(),
                                        method.passes()))
                .collect(
                        Collectors.joining(
                                "",
                                "\n"
                                        + "| method | what it makes | models | passes |\n"
                                        + "|---|---|---|---|\n",
                                ""));
    }

    private static String section(MergeMethod method) {
        StringBuilder text = new StringBuilder();
        text.append("\n## ").append(method.key()).append("\n\n");
        text.append(sentence(method.summary())).append(" Takes ");
        text.append(method.requirements().inWords()).append("; ");
        text.append(method.requirements().base().inWords()).append(".\n");
        if (!method.source().equals("-")) {
            text.append("Source: ").append(method.source()).append(".\n");
        }
        if (!method.parameters().isEmpty()) {
            text.append("\n| parameter | values | stands | default |\n|---|---|---|---|\n");
            method.parameters().forEach(spec -> text.append(row(spec)));
        }
        return text.toString();
    }

    private static String sentence(String words) {
        return Character.toUpperCase(words.charAt(0)) + words.substring(1) + ".";
    }

    private static String row(ParameterSpec spec) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        spec.name(),
                        spec.kind().range(),
                        spec.scope() == ParameterSpec.Scope.MODEL
                                ? "below a model, or once for all"
                                : "once for all, or below a slice or module",
                        spec.standard().isPresent()
                                ? standard(spec, spec.standard().getAsDouble())
                                : "required");
    }

    private static String standard(ParameterSpec spec, double value) {
        if (spec.kind() == ParameterSpec.Kind.FLAG) {
            return String.valueOf(value != 0);
        }
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
