package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.eval.Board;
import dev.tailor.eval.GradedSample;
import dev.tailor.eval.TaskResult;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What each model answers to some of the questions, side by side.
final class AnswersSection {
    private static final int SHOWN = 9;
    private static final int LONGEST = 600;

    private AnswersSection() {}

    static Html render(ReportData data) {
        List<Html> tasks = new ArrayList<>();
        for (Board board : data.boards().values()) {
            for (String task : board.taskNames()) {
                boolean answered =
                        board.result(board.baseModel(), task).stream()
                                .flatMap(result -> result.samples().stream())
                                .anyMatch(sample -> !sample.references().isEmpty());
                if (answered) {
                    tasks.add(task(board, task));
                }
            }
        }
        return Html.join(tasks);
    }

    private static Html task(Board board, String task) {
        List<Html> cards = new ArrayList<>();
        for (int index : choice(board, task)) {
            cards.add(card(board, task, index));
        }
        return Html.of(
                """
                <h3>{} <span class="soft">questions the last model gained, kept and missed</span></h3>
                <div class="cards">{}</div>
                """,
                task,
                cards);
    }

    /// A third each, as far as there are any: wrong in the base and right in the last model; wrong
    /// in the last model; any other.
    private static Set<Integer> choice(Board board, String task) {
        List<GradedSample> base = samples(board, board.baseModel(), task);
        List<GradedSample> last = samples(board, board.modelNames().getLast(), task);
        int n = Math.min(base.size(), last.size());
        List<Integer> gained = new ArrayList<>();
        List<Integer> missed = new ArrayList<>();
        List<Integer> others = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            boolean was = isRight(base.get(i));
            boolean is = isRight(last.get(i));
            (is && !was ? gained : is ? others : missed).add(i);
        }
        Set<Integer> chosen = new LinkedHashSet<>();
        take(gained, SHOWN / 3, chosen);
        take(missed, SHOWN / 3, chosen);
        take(others, SHOWN / 3, chosen);
        for (List<Integer> rest : List.of(gained, missed, others)) {
            take(rest, SHOWN - chosen.size(), chosen);
        }
        return chosen;
    }

    private static void take(List<Integer> from, int count, Set<Integer> chosen) {
        from.stream()
                .filter(i -> !chosen.contains(i))
                .limit(Math.max(0, count))
                .forEach(chosen::add);
    }

    private static Html card(Board board, String task, int index) {
        GradedSample question = samples(board, board.baseModel(), task).get(index);
        List<Html> answers = new ArrayList<>();
        for (String model : board.modelNames()) {
            List<GradedSample> samples = samples(board, model, task);
            if (index < samples.size()) {
                answers.add(answer(model, samples.get(index)));
            }
        }
        return Html.of(
                """
                <article><p class="question">{}</p><p class="expected"><span>expected</span> {}</p>\
                <dl>{}</dl><p class="origin">{}</p></article>
                """,
                clipped(asked(question.prompt())),
                clipped(String.join(" / ", question.references())),
                answers,
                question.id().substring(question.id().lastIndexOf('/') + 1));
    }

    /// A conversation of one question is shown as the question.
    private static String asked(String prompt) {
        boolean single =
                prompt.startsWith("user: ")
                        && prompt.lines()
                                .skip(1)
                                .noneMatch(
                                        line -> line.matches("(system|user|assistant|tool): .*"));
        return single ? prompt.substring("user: ".length()) : prompt;
    }

    private static Html answer(String model, GradedSample sample) {
        boolean right = isRight(sample);
        return Html.of(
                "<dt>{}</dt><dd class=\"{}\"><i>{}</i> {}</dd>",
                model,
                right ? "right" : "wrong",
                right ? "✓" : "✗",
                sample.answer().isBlank() ? "(nothing)" : clipped(sample.answer()));
    }

    private static boolean isRight(GradedSample sample) {
        return Optional.ofNullable(sample.values().get("exact_match")).orElse(0.0) > 0.5;
    }

    private static List<GradedSample> samples(Board board, String model, String task) {
        return board.result(model, task).map(TaskResult::samples).orElse(List.of());
    }

    private static String clipped(String text) {
        return text.length() <= LONGEST
                ? text
                : text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, LONGEST)))
                        + "…";
    }
}
