package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.eval.Board;
import dev.tailor.workflow.store.GateResult;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The top and the bottom of the report: what ran, what came of it, on what machine.
final class Overview {
    private Overview() {}

    static Html header(ReportData data) {
        RunRecord run = data.run();
        return Html.of(
                """
                <p class="eyebrow">Tailor run · {}</p>
                <h1>{}</h1>
                <p class="verdict"><span class="chip {}">{}</span> {}</p>
                {}{}
                """,
                run.started().replace('T', ' ').replaceFirst("(:\\d\\d)(\\.\\d+)?Z$", "$1 UTC"),
                run.name(),
                tone(run.status()),
                words(run.status()),
                "%d stages in %s".formatted(run.stages().size(), Figures.duration(run.seconds())),
                run.failure().map(Overview::failure).orElse(Html.NOTHING),
                Steps.whole(data).map(Overview::whole).orElse(Html.NOTHING));
    }

    static Html pipeline(ReportData data) {
        List<Html> gates = new ArrayList<>();
        data.gates().forEach((stage, gate) -> gates.add(gate(stage, gate)));
        return Html.of("{}{}", PipelinePicture.render(data.run().stages(), captions(data)), gates);
    }

    static Html footer(ReportData data) {
        List<Html> facts = new ArrayList<>();
        data.run()
                .machine()
                .forEach((name, value) -> facts.add(Html.of("<span>{} {}</span>", name, value)));
        return Html.of(
                "<p>Made by Tailor {} from {}.</p><p class=\"machine\">{}</p>",
                data.run().version(),
                data.run().recipe(),
                facts);
    }

    private static Html whole(Steps.Step step) {
        List<Html> figures = new ArrayList<>();
        for (Comparison comparison : step.comparisons()) {
            figures.add(
                    Html.of(
                            """
                            <div class="figure"><span class="label">{}</span>\
                            <span class="value">{}</span>\
                            <span class="was">{} in {}</span>{}</div>
                            """,
                            Figures.words(comparison.metric(), comparison.task()),
                            Figures.metric(comparison.metric(), comparison.after()),
                            Figures.metric(comparison.metric(), comparison.before()),
                            step.before(),
                            Deltas.of(comparison)));
        }
        return Html.of(
                "<p class=\"lead\">From <b>{}</b> to <b>{}</b>: {}</p><div"
                        + " class=\"figures\">{}</div>",
                step.before(),
                step.stage().id(),
                switch (step.verdict()) {
                    case "gain" -> "a measured gain.";
                    case "loss" -> "a measured loss.";
                    case "mixed" -> "gains in some figures, losses in others.";
                    case "no change" -> "no change.";
                    default -> "a difference within noise.";
                },
                figures);
    }

    private static Html failure(RunRecord.Failure failure) {
        return Html.of(
                "<p class=\"failure\"><b>{}</b>{}{}</p>",
                failure.message(),
                failure.where().isEmpty() ? "" : " — " + failure.where(),
                failure.remedy().isEmpty() ? "" : " — " + failure.remedy());
    }

    private static Html gate(String stage, GateResult gate) {
        List<Html> lines = new ArrayList<>();
        for (GateResult.Requirement requirement : gate.requirements()) {
            String metric = requirement.path().substring(requirement.path().lastIndexOf('.') + 1);
            lines.add(
                    Html.of(
                            "<li><code>{} {}</code> {} against {}{} <b"
                                    + " class=\"{}\">{}</b></li>",
                            requirement.path(),
                            requirement.text(),
                            Figures.metric(metric, requirement.value()),
                            Figures.metric(metric, requirement.bound()),
                            requirement.interval().map(words -> ", " + words).orElse(""),
                            requirement.passed() ? "good" : "bad",
                            requirement.passed() ? "holds" : "does not hold"));
        }
        return Html.of(
                """
                <div class="gate"><span class="chip {}">{} {}</span> on <b>{}</b><ul>{}</ul></div>
                """,
                gate.passed() ? "good" : "bad",
                stage,
                gate.passed() ? "passed" : "failed",
                gate.on(),
                lines);
    }

    /// The headline figure of each model that a board measured.
    private static Map<String, String> captions(ReportData data) {
        Map<String, String> captions = new LinkedHashMap<>();
        for (StageRecord stage : data.run().stages()) {
            if (stage.makesModel() && stage.metrics().containsKey("final_loss")) {
                captions.put(
                        stage.id(), "loss " + Figures.number(stage.metrics().get("final_loss")));
            }
        }
        for (Board board : data.boards().values()) {
            Optional<Board.Column> column =
                    board.columns().stream()
                            .filter(c -> c.metric().equals("exact_match"))
                            .findFirst();
            for (String model : board.modelNames()) {
                column.flatMap(c -> board.metric(model, c))
                        .ifPresent(metric ->
                                captions.put(model, Figures.percent(metric.value()) + " exact"));
            }
        }
        return captions;
    }

    private static String tone(RunRecord.Status status) {
        return switch (status) {
            case FINISHED, REUSED -> "good";
            case FAILED, REFUSED -> "bad";
            case WAITING, RUNNING, STOPPED -> "calm";
        };
    }

    static String words(RunRecord.Status status) {
        return switch (status) {
            case FINISHED -> "finished";
            case REUSED -> "reused";
            case FAILED -> "failed";
            case REFUSED -> "gate failed";
            case WAITING -> "waiting";
            case RUNNING -> "running";
            case STOPPED -> "stopped";
        };
    }
}
