package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.Seed;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.Task;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.UntilSignificant;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.model.TorchLanguageModel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `tailor eval --until-significant`: two models side by side.
record Comparing(Session session) {
    /// What both models reach on as many items as it takes to tell them apart.
    List<ModelResult> evaluate(ModelSource base, ModelSource other, List<Task> tasks) {
        List<TaskResult> first = new ArrayList<>();
        List<TaskResult> second = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        try (TorchLanguageModel one = open(session, base);
                TorchLanguageModel two = open(session, other);
                Session.Progress progress = session.progress()) {
            Task.Watch watch = new Task.Watch("eval", progress, session.cancellation());
            for (Task task : tasks) {
                UntilSignificant.Outcome outcome =
                        UntilSignificant.evaluate(task, one, two, new Seed(0), watch);
                first.add(outcome.first());
                second.add(outcome.second());
                notes.add(note(task, outcome));
            }
        }
        notes.forEach(session::note);
        return List.of(new ModelResult(base.text(), first), new ModelResult(other.text(), second));
    }

    private static String note(Task task, UntilSignificant.Outcome outcome) {
        return "%s.%s: %s after %d of %d items (p = %.4f, valid although looked at often)"
                .formatted(
                        task.name(),
                        outcome.metric(),
                        outcome.decided() ? "decided" : "not decided",
                        outcome.items(),
                        task.size(),
                        outcome.pValue());
    }

    /// The model, loaded.
    static TorchLanguageModel open(Session session, ModelSource source) {
        return new TorchLanguageModel(
                source.text(), LoadedModel.load(source, Optional.empty()), session.cancellation());
    }
}
