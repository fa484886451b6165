package dev.tailor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import picocli.CommandLine;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

class TailorCommandLineTest {
    @Test
    void tailor_withoutArguments_printsHelp() {
        Invocation run = Invocation.of();
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        Commands.all().forEach(entry -> assertThat(run.out()).contains("  " + entry.name() + " "));
    }

    @Test
    void version_requested_isOneLine() {
        assertThat(Invocation.of("--version").out()).matches("tailor \\d+\\.\\d+\\.\\d+\\R");
    }

    @TestFactory
    Stream<DynamicTest> command_help_explainsWithExamples() {
        return helpOf().stream()
                .map(words ->
                        DynamicTest.dynamicTest(
                                String.join(" ", words),
                                () -> {
                                    Invocation run = Invocation.of(words.toArray());
                                    assertThat(run.exitCode()).isZero();
                                    assertThat(run.out()).contains("Examples:");
                                    assertThat(run.out()).contains("  tailor " + words.getFirst());
                                }));
    }

    @Test
    void examples_fitInto80Columns() {
        List<String> wide = new ArrayList<>();
        collectWide(TailorCommandLine.create(session()), wide);
        assertThat(wide).isEmpty();
    }

    private static void collectWide(CommandLine command, List<String> wide) {
        for (String line : command.getCommandSpec().usageMessage().footer()) {
            if (line.startsWith(" ") && line.length() > 80) {
                wide.add(line);
            }
        }
        command.getSubcommands().values().forEach(sub -> collectWide(sub, wide));
    }

    @Test
    void threads_none_isUsage() {
        Invocation run = Invocation.of("doctor", "--threads", "0");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--threads").contains("at least 1");
    }

    @Test
    void argument_tooMany_isCalledUnexpected() {
        Invocation run = Invocation.of("schema", "bash");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("unexpected argument 'bash'");
    }

    private static List<List<String>> helpOf() {
        List<List<String>> all = new java.util.ArrayList<>();
        Commands.all()
                .forEach(entry -> {
                    all.add(List.of(entry.name(), "--help"));
                    TailorCommandLine.create(session())
                            .getSubcommands()
                            .get(entry.name())
                            .getSubcommands()
                            .keySet()
                            .forEach(sub -> all.add(List.of(entry.name(), sub, "--help")));
                });
        return all;
    }

    private static dev.tailor.cli.terminal.Session session() {
        return new dev.tailor.cli.terminal.Session(System.out, System.err);
    }

    @Test
    void unknownCommand_similarName_isSuggestedWithExitCode2() {
        Invocation run = Invocation.of("scoer", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("'scoer'").contains("did you mean 'score'");
    }

    @Test
    void unknownOption_similarName_isSuggestedWithExitCode2() {
        Invocation run = Invocation.of("score", "model", "--imput", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--imput").contains("tailor score --help");
    }

    @Test
    void globalOptions_beforeOrAfterTheCommand_areTheSame() {
        assertThat(Invocation.of("--json", "doctor").json().has("findings")).isTrue();
        assertThat(Invocation.of("doctor", "--json").json().has("findings")).isTrue();
    }

    @Test
    void error_withJson_isADocumentOnStandardOutput() {
        Invocation run = Invocation.of("spectrum", "/no/such/model", "--json");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.json().at("/error/code").stringValue()).isEqualTo("FILE_NOT_FOUND");
        assertThat(run.json().at("/error/where").stringValue()).isEqualTo("/no/such/model");
        assertThat(run.json().at("/error/exit_code").intValue()).isEqualTo(3);
        assertThat(run.err()).startsWith("error: /no/such/model: ");
    }

    @Test
    void error_withoutDebug_hasNoStackTrace() {
        assertThat(Invocation.of("spectrum", "/no/such/model").err()).doesNotContain("\tat ");
        assertThat(Invocation.of("spectrum", "/no/such/model", "--debug").err())
                .contains("\tat dev.tailor");
    }

    @Test
    void completion_script_knowsEveryCommand() {
        String script = Invocation.of("completion").out();
        Commands.all()
                .forEach(entry -> assertThat(script).contains("_picocli_tailor_" + entry.name()));
    }

    @Test
    void schema_printed_isJsonSchemaOfRecipes() {
        assertThat(Invocation.of("schema").json().path("title").stringValue())
                .isEqualTo("Tailor recipe");
    }
}
