package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataKind;
import dev.tailor.data.DataSet;
import dev.tailor.data.DataSource;
import dev.tailor.data.Format;
import dev.tailor.data.TextSplit;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Which data a command reads.
final class DataArguments {
    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Files, directories or globs ('docs/**/*.md'); all of one kind.")
    private List<String> files = List.of();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description =
                    "What it teaches: text, chat, preference, unpaired (default: recognised).")
    private @Nullable String kind;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "How rows are laid out: text, alpaca, sharegpt, messages, prompt-completion,"
                            + " question-answer, preference, unpaired (default: recognised).")
    private @Nullable String format;

    @Option(
            names = "--column",
            paramLabel = "NAME=COLUMN",
            description = "The format's column NAME is called COLUMN; may be given several times.")
    private Map<String, String> columns = Map.of();

    /// Opens it.
    DataSet open() {
        return DataSet.open(
                new DataSource(
                        files,
                        Path.of(""),
                        Optional.ofNullable(kind).map(DataArguments::kind),
                        Optional.ofNullable(format).map(Format::parse),
                        columns,
                        TextSplit.FILE,
                        DataSource.Limits.standard()));
    }

    private static DataKind kind(String name) {
        List<String> known =
                Arrays.stream(DataKind.values())
                        .map(each -> each.name().toLowerCase(Locale.ROOT))
                        .toList();
        int index = known.indexOf(name.toLowerCase(Locale.ROOT));
        if (index < 0) {
            throw TailorException.of(ErrorCode.USAGE, "there is no kind '" + name + "'")
                    .remedy(Suggestion.advice(name, known));
        }
        return DataKind.values()[index];
    }
}
