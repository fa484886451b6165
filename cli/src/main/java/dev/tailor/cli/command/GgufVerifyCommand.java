package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.export.GgufCheck;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `tailor gguf verify`.
@Command(
        name = "verify",
        description = {
            "Read a GGUF file whole, and compare it with the model it was made from.",
            ""
        },
        footer = {
            "",
            "Every number is read: one that is not finite is named, and the exit code is 3, as for"
                    + " a",
            "file whose header or size is wrong. With --against, every weight is compared, and so",
            "is what the file says about architecture, tokenizer and chat template: where that",
            "differs, the exit code is 3 too.",
            "",
            "Examples:",
            "  tailor gguf verify model.gguf",
            "  tailor gguf verify model.gguf --against ./model"
        })
final class GgufVerifyCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "FILE.gguf", description = "The file.")
    private Path file = Path.of("");

    @Option(
            names = "--against",
            paramLabel = "MODEL",
            description = "The model that the file was made from.")
    private Optional<String> model = Optional.empty();

    GgufVerifyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Optional<Path> directory = model.map(name -> AdapterCommand.directory(session, name));
        GgufCheck check;
        try (Session.Progress progress = session.progress()) {
            check = GgufCheck.of(file, directory, progress, session.cancellation());
        }
        if (session.json()) {
            session.print(json(check));
        } else {
            show(check);
        }
        boolean differs =
                check.comparison().filter(each -> !each.differences().isEmpty()).isPresent();
        return differs ? ErrorCode.MODEL_INVALID.exitCode() : 0;
    }

    private void show(GgufCheck check) {
        session.print(
                "%s  whole: %d tensors, %s weights, all finite"
                        .formatted(
                                check.file(), check.tensors(), Figures.count(check.parameters())));
        check.comparison()
                .ifPresent(comparison -> {
                    session.print(
                            String.format(
                                    Locale.ROOT,
                                    "weights: relative error of the worst tensor %.2g,"
                                            + " largest error %.2g",
                                    comparison.relativeError(),
                                    comparison.maxAbsoluteError()));
                    comparison.differences().forEach(session::print);
                });
    }

    private static ObjectNode json(GgufCheck check) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("file", check.file().toString());
        json.put("tensors", check.tensors());
        json.put("parameters", check.parameters());
        ObjectNode types = json.putObject("types");
        check.types().forEach((type, count) -> types.put(type.name(), count));
        check.comparison()
                .ifPresent(comparison -> {
                    json.put("max_absolute_error", comparison.maxAbsoluteError());
                    json.put("relative_error", comparison.relativeError());
                    comparison.differences().forEach(json.putArray("differences")::add);
                });
        return json;
    }
}
