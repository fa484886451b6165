package dev.tailor.eval.harness;

import dev.tailor.core.TailorException;
import dev.tailor.eval.Decoding;
import dev.tailor.eval.harness.GradedQuestion.Asked;
import dev.tailor.eval.harness.RequestCache.Reply;
import dev.tailor.eval.internal.harness.Answers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Asks a task's questions and grades the replies.
final class QuestionAsker {
    private final TaskConfig task;
    private final HarnessSettings settings;
    private final Asking asking;
    private final Notes notes;
    private final Grader grader;

    QuestionAsker(TaskConfig task, HarnessSettings settings, Asking asking, Notes notes) {
        this.task = task;
        this.settings = settings;
        this.asking = asking;
        this.notes = notes;
        this.grader = new Grader(task, settings.code());
    }

    List<GradedQuestion> ask(List<Question> questions) {
        return switch (task.output()) {
            case LOGLIKELIHOOD -> likelihoods(questions);
            case LOGLIKELIHOOD_ROLLING -> documents(questions);
            case MULTIPLE_CHOICE -> choices(questions);
            case GENERATE_UNTIL -> answers(questions);
        };
    }

    private List<GradedQuestion> likelihoods(List<Question> questions) {
        List<Question> asked = new ArrayList<>();
        List<Asking.Pair> pairs = new ArrayList<>();
        for (Question question : questions) {
            String target = question.targetText();
            if (target.isEmpty()) {
                notes.add(Notes.NOT_ASKED, question.row().origin() + ": the target is empty");
                continue;
            }
            asked.add(question);
            pairs.add(new Asking.Pair(question.contexts().getFirst(), target));
        }
        List<Reply> replies = asking.scores(pairs);
        List<GradedQuestion> graded = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            graded.add(
                    graded(
                            asked.get(i),
                            List.of(pairs.get(i)),
                            List.of(replies.get(i)),
                            grader.likelihood(replies.get(i))));
        }
        return graded;
    }

    private List<GradedQuestion> documents(List<Question> questions) {
        List<String> texts = questions.stream().map(Question::targetText).toList();
        List<Reply> replies = asking.documents(texts);
        List<GradedQuestion> graded = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Question question = questions.get(i);
            Reply reply = replies.get(i);
            graded.add(
                    graded(
                            question,
                            List.of(new Asking.Pair(texts.get(i), "")),
                            List.of(reply),
                            grader.document(question, reply)));
        }
        return graded;
    }

    private List<GradedQuestion> choices(List<Question> questions) {
        boolean mutual =
                task.grading().metrics().stream()
                        .anyMatch(metric -> metric.name().equals("acc_mutual_info"));
        List<Question> asked = new ArrayList<>();
        List<Asking.Pair> pairs = new ArrayList<>();
        for (Question question : questions) {
            List<Asking.Pair> own = pairs(question, mutual);
            if (own.stream().anyMatch(pair -> pair.continuation().isEmpty())) {
                notes.add(Notes.NOT_ASKED, question.row().origin() + ": a choice is empty");
                continue;
            }
            asked.add(question);
            pairs.addAll(own);
        }
        List<Reply> replies = asking.scores(pairs);
        List<GradedQuestion> graded = new ArrayList<>();
        int at = 0;
        for (Question question : asked) {
            int n = question.choices().size();
            int all = mutual ? 2 * n : n;
            if (grader.gold(question).contains(-1)) {
                notes.add(
                        "rows have an answer that is none of the choices and count as wrong",
                        question.row().origin() + ": " + question.target());
            }
            List<Reply> own = replies.subList(at, at + all);
            try {
                Map<String, double[]> values =
                        grader.choices(question, own.subList(0, n), own.subList(n, all));
                graded.add(graded(question, pairs.subList(at, at + all), own, values));
            } catch (TailorException e) {
                notes.add(Notes.NOT_ASKED, e.render());
            }
            at += all;
        }
        return graded;
    }

    private List<Asking.Pair> pairs(Question question, boolean mutual) {
        String delimiter = question.delimiter();
        List<Asking.Pair> pairs = new ArrayList<>();
        if (question.hasManyContexts()) {
            String continuation = delimiter + question.targetText();
            question.contexts().forEach(each -> pairs.add(new Asking.Pair(each, continuation)));
        } else {
            String context = question.contexts().getFirst();
            question.choices()
                    .forEach(choice -> pairs.add(new Asking.Pair(context, delimiter + choice)));
        }
        if (mutual) {
            question.choices()
                    .forEach(choice -> pairs.add(new Asking.Pair("", delimiter + choice)));
        }
        return pairs;
    }

    private GradedQuestion graded(
            Question question,
            List<Asking.Pair> pairs,
            List<Reply> replies,
            Map<String, double[]> values) {
        Map<String, GradedQuestion.Graded> graded = new LinkedHashMap<>();
        for (FilterSpec filter : task.grading().filters()) {
            graded.put(filter.name(), new GradedQuestion.Graded(List.of(), values));
        }
        return new GradedQuestion(
                question.id(),
                question.row(),
                question.target(),
                pairs.stream().map(p -> new Asked(p.context(), p.continuation())).toList(),
                replies.stream()
                        .map(r -> new GradedQuestion.Reply(r.logProb(), r.greedy(), List.of()))
                        .toList(),
                graded);
    }

    private List<GradedQuestion> answers(List<Question> questions) {
        GenerationSpec generation = task.generation();
        List<String> prompts = questions.stream().map(q -> q.contexts().getFirst()).toList();
        List<List<Reply>> repeats = new ArrayList<>();
        for (int repeat = 0; repeat < generation.repeats(); repeat++) {
            Decoding decoding = generation.decoding(settings.seed(), repeat);
            repeats.add(
                    asking.answers(
                            prompts,
                            decoding.withMaxTokens(
                                    settings.maxTokens().orElse(decoding.maxTokens()))));
        }
        List<GradedQuestion> graded = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int index = i;
            List<String> texts = repeats.stream().map(r -> r.get(index).text()).toList();
            if (texts.stream().allMatch(String::isBlank)) {
                notes.add(
                        "answers are empty and graded as they are",
                        questions.get(i).row().origin().toString());
            }
            try {
                graded.add(answered(questions.get(i), texts));
            } catch (TailorException e) {
                notes.add(
                        "answers cannot be graded and are left out",
                        e.at(questions.get(i).row().origin()).render());
            }
        }
        return graded;
    }

    private GradedQuestion answered(Question question, List<String> texts) {
        List<String> choices =
                question.row().fields().get("choices") instanceof List<?> list
                        ? list.stream().map(RowReader::python).toList()
                        : List.of();
        Map<String, GradedQuestion.Graded> graded = new LinkedHashMap<>();
        for (FilterSpec filter : task.grading().filters()) {
            List<String> filtered = Answers.filtered(filter, texts, choices);
            graded.put(
                    filter.name(),
                    new GradedQuestion.Graded(filtered, grader.answer(question, filtered)));
        }
        return new GradedQuestion(
                question.id(),
                question.row(),
                question.target(),
                List.of(new Asked(question.contexts().getFirst(), "")),
                List.of(new GradedQuestion.Reply(0, false, texts)),
                graded);
    }
}
