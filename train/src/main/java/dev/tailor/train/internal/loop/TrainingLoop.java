package dev.tailor.train.internal.loop;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Optimizer;
import dev.tailor.train.LossGuard;
import dev.tailor.train.TrainSettings;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Steps, measurements and checkpoints, from where a run stands to its end.
///
/// A checkpoint that is due waits until the loss and the gradient of the next step are known to be
/// finite, so that weights which already lead nowhere never replace good ones.
final class TrainingLoop {
    /// Keeps the division of clipping away from 0, with PyTorch's value.
    private static final double CLIP_EPSILON = 1e-6;

    private final Session session;
    private final Subject subject;
    private final Batches data;
    private final Optional<HeldOut> heldOut;
    private final CheckpointStore checkpoints;
    private final long total;
    private final SlackMemory slack = new SlackMemory();
    private final Optional<LossGuard> guard;
    private final Optional<SampleAnswers> answers;
    private Instant lastCheckpoint = Instant.now();

    /// Steps of the state that is on the disk already.
    private int saved;

    /// What learns, and how it is told what is better.
    record Subject(CausalModel model, Optimizer optimizer, Loss loss) {}

    /// What is measured but never learnt from; its loss may rest on other reference values.
    record HeldOut(Batches data, Loss loss) {}

    TrainingLoop(
            Session session,
            Subject subject,
            Batches data,
            Optional<HeldOut> heldOut,
            CheckpointStore checkpoints,
            Optional<SampleAnswers> answers) {
        this.session = session;
        this.subject = subject;
        this.data = data;
        this.heldOut = heldOut;
        this.checkpoints = checkpoints;
        this.answers = answers;
        this.guard = session.settings().refinements().guard();
        TrainSettings settings = session.settings();
        this.total =
                data.plan().steps(settings.epochs(), settings.maxSteps().orElse(Long.MAX_VALUE));
    }

    /// Runs to the end, where the model has the weights of the result; returns the held-out
    /// measurements there.
    Map<String, Double> run(Progress progress) {
        saved = progress.steps();
        if (saved == 0) {
            progress.before().putAll(measure(0, measured -> {}));
            guard.ifPresent(g -> save(progress));
            answer(0);
        }
        while (progress.steps() < total) {
            if (session.cancellation().isRequested()) {
                throw stop(progress);
            }
            boolean done = step(progress);
            if (done) {
                answer(progress.steps());
            }
            int every = session.settings().evaluationEvery();
            if (done && every > 0 && progress.steps() % every == 0 && progress.steps() < total) {
                watch(progress);
                if (isOutOfPatience(progress)) {
                    session.note(
                            "stopping after step %d of %d: eval_loss was no better for %d measurements"
                                    .formatted(progress.steps(), total, progress.best().since()));
                    return finish(progress, Map.of());
                }
            }
        }
        return finish(progress, watch(progress));
    }

    /// Lets the model answer, with the weights that are learning.
    private void answer(int step) {
        answers.filter(it -> it.isDue(step, step == total))
                .ifPresent(it -> it.report(step, subject.model()));
    }

    private boolean isOutOfPatience(Progress progress) {
        int patience = session.settings().refinements().patience();
        return patience > 0 && progress.best().since() >= patience;
    }

    /// Measures, and keeps the weights if they are the best so far.
    private Map<String, Double> watch(Progress progress) {
        return measure(
                progress.steps(),
                measured -> {
                    if (session.settings().refinements().watchesBest()
                            && progress.measured(measured.getOrDefault("eval_loss", Double.NaN))) {
                        checkpoints.saveBest(progress.best(), subject.model());
                    }
                });
    }

    /// Gives the model the weights of the result and returns their measurements, `last` being those
    /// of the last step.
    private Map<String, Double> finish(Progress progress, Map<String, Double> last) {
        BestStep best = progress.best();
        subject.optimizer().showResult();
        if (!best.exists() || best.step() == progress.steps()) {
            return last;
        }
        session.note(
                "the result is step %d of %d, where eval_loss was lowest: %.4f"
                        .formatted(best.step(), progress.steps(), best.loss()));
        subject.model().loadTrainable(checkpoints.bestWeights(best));
        return heldOut.map(this::measurements).orElse(last);
    }

    /// Returns whether a step was done, or the run went back instead.
    private boolean step(Progress progress) {
        long began = System.nanoTime();
        int step = progress.steps();
        StepOutcome outcome = learn(progress);
        double norm = subject.optimizer().gradientNorm();
        Optional<String> wrong = whatIsWrong(progress, outcome.loss(), norm);
        if (wrong.isPresent()) {
            goBack(progress, wrong.get());
            return false;
        }
        if (step > saved && checkpointIsDue(step)) {
            save(progress);
        }
        TrainSettings settings = session.settings();
        double learningRate = settings.learningRate(step, total);
        subject.optimizer().step(learningRate, clipping(norm, settings.maxGradNorm()));
        subject.optimizer().zeroGradients();
        double seconds = (System.nanoTime() - began) / 1e9;
        progress.advance(outcome.loss(), outcome.positions(), seconds);
        report(progress, outcome, learningRate, norm, seconds);
        slack.afterStep(ResidentMemory.now());
        return true;
    }

    private Optional<String> whatIsWrong(Progress progress, double loss, double norm) {
        return LossRange.notFinite(loss, norm)
                .or(() ->
                        guard.flatMap(
                                g -> LossRange.spike(loss, progress.lossValues(), g.spike())));
    }

    /// Takes up an earlier state and leaves out the data up to the bad step.
    ///
    /// @throws TailorException `TRAINING_DIVERGED` where that is not wanted, or was done too often
    private void goBack(Progress progress, String wrong) {
        int steps = progress.steps();
        subject.optimizer().zeroGradients();
        if (guard.isEmpty() || progress.returns().count() >= guard.get().returns()) {
            throw Divergence.at(session.stage(), steps + 1, wrong, checkpoints.newest());
        }
        int target = guard.get().target(steps);
        CheckpointStore.Found found =
                checkpoints
                        .goBackTo(target)
                        .orElseThrow(() ->
                                Divergence.at(
                                        session.stage(),
                                        steps + 1,
                                        wrong + ", and the state of step " + target + " is damaged",
                                        checkpoints.newest()));
        found.restore(subject.optimizer());
        progress.goBackTo(found.progress(), progress.returns().another(steps, target));
        saved = target;
        session.warn(
                "step %d: %s; going back to step %d and on with the data after it (%d of %d times)"
                        .formatted(
                                steps + 1,
                                wrong,
                                target,
                                progress.returns().count(),
                                guard.get().returns()));
    }

    private StepOutcome learn(Progress progress) {
        TrainSettings settings = session.settings();
        long step = progress.steps();
        try {
            return subject.loss()
                    .learn(
                            data.ofStep(step + progress.returns().skippedSteps()),
                            (batch, pass) -> {
                                session.cancellation().check();
                                long number = step * settings.gradientAccumulation() + pass;
                                long dropout = session.seed().of("dropout", number).value();
                                return subject.model()
                                        .forward(
                                                batch,
                                                settings.activations(),
                                                dropout,
                                                settings.refinements().embeddingNoise());
                            });
        } catch (TailorException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                subject.optimizer().zeroGradients();
                throw stop(progress);
            }
            throw e;
        }
    }

    static double clipping(double norm, double most) {
        return most > 0 ? Math.min(1, most / (norm + CLIP_EPSILON)) : 1;
    }

    private boolean checkpointIsDue(int step) {
        int every = session.settings().checkpointEvery();
        double minutes = session.settings().checkpointMinutes();
        return every > 0 && step % every == 0
                || guard.isPresent() && step % guard.get().every() == 0
                || minutes > 0
                        && Duration.between(lastCheckpoint, Instant.now()).toMillis()
                                >= minutes * 60_000;
    }

    private void save(Progress progress) {
        checkpoints.save(progress, subject.optimizer());
        lastCheckpoint = Instant.now();
        saved = progress.steps();
    }

    /// Keeps what was done since the last checkpoint.
    private TailorException stop(Progress progress) {
        if (progress.steps() > saved) {
            save(progress);
        }
        return TailorException.of(
                        ErrorCode.INTERRUPTED,
                        "stopped on request after step %d of %d".formatted(progress.steps(), total))
                .at("stage " + session.stage())
                .remedy("run the same command again to continue from there");
    }

    private void report(
            Progress progress,
            StepOutcome outcome,
            double learningRate,
            double norm,
            double seconds) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("loss", outcome.loss());
        metrics.put("learning_rate", learningRate);
        metrics.put("grad_norm", norm);
        metrics.put("tokens_per_second", outcome.positions() / seconds);
        metrics.put("tokens", (double) progress.positions());
        metrics.put("memory_bytes", (double) ResidentMemory.now());
        metrics.put("epoch", (double) progress.steps() / data.plan().stepsPerEpoch());
        metrics.putAll(outcome.metrics());
        session.listener().on(new Event.Step(session.stage(), progress.steps(), total, metrics));
    }

    /// Measures the weights that would be the result if the run ended here; `whileShown` sees them
    /// in the model.
    private Map<String, Double> measure(int step, Consumer<Map<String, Double>> whileShown) {
        if (heldOut.isEmpty()) {
            return Map.of();
        }
        subject.optimizer().showResult();
        try {
            Map<String, Double> measured = measurements(heldOut.get());
            session.metrics(step, measured);
            whileShown.accept(measured);
            return measured;
        } finally {
            subject.optimizer().showLearning();
        }
    }

    private Map<String, Double> measurements(HeldOut held) {
        return held.loss()
                .measure(
                        held.data().inOrder(),
                        batch -> {
                            session.cancellation().check();
                            return subject.model().logProbs(batch);
                        });
    }
}
