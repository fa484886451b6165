package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.workflow.store.AnswerLog;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/// What models answered while they were trained: for each stage, a row for each prompt and a column
/// for each step.
final class SamplesSection {
    /// Columns of a table; of more steps, some in between are left out.
    private static final int COLUMNS = 8;

    private static final int LONGEST = 400;

    private SamplesSection() {}

    static Html render(ReportData data) {
        List<Html> stages = new ArrayList<>();
        for (StageRecord stage : data.run().stages()) {
            List<AnswerLog.Entry> answers =
                    data.answers().stream()
                            .filter(answer -> answer.stage().equals(stage.id()))
                            .toList();
            if (!answers.isEmpty() && stage.status() != RunRecord.Status.WAITING) {
                stages.add(table(stage, answers));
            }
        }
        return Html.join(stages);
    }

    private static Html table(StageRecord stage, List<AnswerLog.Entry> answers) {
        NavigableSet<Long> steps = new TreeSet<>();
        Map<String, Map<Long, String>> byPrompt = new LinkedHashMap<>();
        for (AnswerLog.Entry answer : answers) {
            steps.add(answer.step());
            byPrompt.computeIfAbsent(answer.prompt(), any -> new LinkedHashMap<>())
                    .put(answer.step(), answer.text());
        }
        List<Long> shown = shown(List.copyOf(steps));
        List<Html> head =
                shown.stream()
                        .map(step -> Html.of("<th>step {}</th>", Figures.count(step)))
                        .toList();
        List<Html> rows = new ArrayList<>();
        byPrompt.forEach((prompt, texts) -> rows.add(row(prompt, texts, shown)));
        return Html.of(
                """
                <h3>{} <span class="soft">what it answered while it learnt{}</span></h3>
                <div class="scroll"><table class="plain samples"><thead><tr><th>prompt</th>{}</tr></thead>\
                <tbody>{}</tbody></table></div>
                """,
                stage.id(),
                shown.size() < steps.size()
                        ? "; %d of %d steps".formatted(shown.size(), steps.size())
                        : "",
                head,
                rows);
    }

    private static Html row(String prompt, Map<Long, String> texts, List<Long> shown) {
        List<Html> cells =
                shown.stream()
                        .map(step -> Html.of("<td>{}</td>", clipped(texts.getOrDefault(step, "–"))))
                        .toList();
        return Html.of("<tr><td><b>{}</b></td>{}</tr>\n", clipped(prompt), cells);
    }

    /// The first, the last and evenly spaced ones between them.
    private static List<Long> shown(List<Long> steps) {
        if (steps.size() <= COLUMNS) {
            return steps;
        }
        List<Long> shown = new ArrayList<>();
        for (int i = 0; i < COLUMNS; i++) {
            shown.add(steps.get(Math.round((float) i * (steps.size() - 1) / (COLUMNS - 1))));
        }
        return shown;
    }

    private static String clipped(String text) {
        String stripped = text.isBlank() ? "(nothing)" : text.strip();
        return stripped.codePointCount(0, stripped.length()) <= LONGEST
                ? stripped
                : stripped.substring(0, stripped.offsetByCodePoints(0, LONGEST)) + "…";
    }
}
