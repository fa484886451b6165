package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataKind;
import dev.tailor.data.DataReport;
import dev.tailor.data.DataSet;
import dev.tailor.data.Rejection;
import dev.tailor.text.TrainOn;
import dev.tailor.train.LossMask;
import dev.tailor.train.Objective;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `tailor data check`.
@Command(
        name = "check",
        description = {"Say what data is and list the rows that cannot be used, with reasons.", ""},
        footer = {
            "",
            "Exit code 0 when every row can be used, 3 otherwise.",
            "",
            "--show-mask shows what a stage would learn, token by token: [learnt] tokens each in",
            "brackets, read ones apart by a dot, and the weight behind where it is not 1, as in",
            "[token]×0.5. Text is learnt as a whole, of conversations what --train-on and the"
                    + " data's",
            "own weights say, of pairs the chosen and the rejected answer.",
            "",
            "Examples:",
            "  tailor data check train.jsonl",
            "  tailor data check train.jsonl --list 1000 --json",
            "  tailor data check train.jsonl --show-mask 3 --model ./base"
        })
final class DataCheckCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final DataArguments data = new DataArguments();

    @Option(
            names = "--list",
            paramLabel = "N",
            defaultValue = "20",
            description = "List at most so many rejected rows (default: ${DEFAULT-VALUE}).")
    private int list;

    @Option(
            names = "--show-mask",
            paramLabel = "N",
            description = "Show the tokens of the first N samples; needs --model.")
    private int masks;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "The model whose tokenizer and chat template --show-mask takes.")
    private Optional<String> model = Optional.empty();

    @Option(
            names = "--train-on",
            paramLabel = "PART",
            description = "assistant, last or all (default: assistant).")
    private String trainOn = "assistant";

    @Option(
            names = "--sequence-length",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Positions of a row (default: ${DEFAULT-VALUE}).")
    private int sequenceLength;

    DataCheckCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        DataSet set = data.open();
        DataReport report = set.report();
        List<LossMask> shown = masks > 0 ? masks(set, report.format().kind()) : List.of();
        if (session.json()) {
            ObjectNode json = DataReports.json(report, list);
            if (masks > 0) {
                json.set("masks", MaskText.json(shown));
            }
            session.print(json);
        } else {
            print(report);
            shown.forEach(mask -> MaskText.lines(mask).forEach(session::print));
        }
        return report.rejected() == 0 ? 0 : ErrorCode.DATA_INVALID.exitCode();
    }

    private List<LossMask> masks(DataSet set, DataKind kind) {
        String name =
                model.orElseThrow(() ->
                        TailorException.of(ErrorCode.USAGE, "--show-mask needs --model")
                                .remedy("name the model that is to be trained"));
        Objective objective =
                switch (kind) {
                    case TEXT -> new Objective.CausalLm(false);
                    case CHAT -> new Objective.Supervised(false, trainOn());
                    case PREFERENCE -> Objective.Preference.dpo();
                    case UNPAIRED -> Objective.Unpaired.kto();
                };
        return LossMask.of(session.model(name).directory(), set, objective, sequenceLength, masks);
    }

    private TrainOn trainOn() {
        return TrainOn.of(trainOn)
                .orElseThrow(() ->
                        TailorException.of(ErrorCode.USAGE, "nothing is called '" + trainOn + "'")
                                .at("--train-on")
                                .remedy(Suggestion.advice(trainOn, TrainOn.words())));
    }

    private void print(DataReport report) {
        session.print(report.format().id() + ": " + report.reason());
        session.print(
                "%s in %d %s, %d rows, %d usable, %d rejected, %d duplicates"
                        .formatted(
                                Figures.bytes(report.bytes()),
                                report.files().size(),
                                report.files().size() == 1 ? "file" : "files",
                                report.rows(),
                                report.samples(),
                                report.rejected(),
                                report.duplicates()));
        if (!report.unusedColumns().isEmpty()) {
            session.print("columns not used: " + String.join(", ", report.unusedColumns()));
        }
        if (!report.skippedFiles().isEmpty()) {
            session.print("files that are no data: " + report.skippedFiles());
        }
        report.rejectedByReason()
                .forEach((reason, count) -> session.print("%7d  %s".formatted(count, reason)));
        report.rejections().stream()
                .limit(list)
                .forEach(rejection -> session.print(line(rejection)));
    }

    private static String line(Rejection rejection) {
        String beginning = rejection.verbatim().isEmpty() ? "" : "  " + rejection.verbatim();
        return "  " + rejection.origin() + ": " + rejection.reason() + beginning;
    }
}
