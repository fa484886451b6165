package dev.tailor.train.internal.loop;

import dev.tailor.core.Digest;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Optimizer;
import dev.tailor.train.Objective;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainResult;
import dev.tailor.train.internal.batch.Leakage;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.Mismatched;
import dev.tailor.train.internal.batch.Preparation;
import dev.tailor.train.internal.batch.Prepared;
import dev.tailor.train.internal.batch.TokenWeights;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One training stage from request to finished model.
public final class Stage {
    private final TrainRequest request;
    private final Session session;
    private final Path cache;
    private final String baseDigest;
    private final Optional<Teachers> teachers;

    public Stage(TrainRequest request, Session session) {
        this.request = request;
        this.session = session;
        this.cache = request.work().resolve("cache");
        checkBase(request.base());
        this.teachers =
                request.objective() instanceof Objective.Distillation distillation
                        ? Optional.of(new Teachers(request, distillation, session, cache))
                        : Optional.empty();
        this.baseDigest = BaseDigest.of(request.base());
    }

    /// What can be told apart before any work is done.
    private static void checkBase(Path base) {
        try (ModelDirectory directory = ModelDirectory.open(base);
                Tokenizer tokenizer = Tokenizer.load(base)) {
            tokenizer.checkFits(DecoderConfig.of(directory).vocabularySize());
        }
    }

    /// What can be told of a teacher before any work is done.
    ///
    /// @throws dev.tailor.core.TailorException where there is none, or none that fits the base
    public static void checkTeacher(TrainRequest request) {
        if (request.objective() instanceof Objective.Distillation distillation) {
            TeacherCheck.check(request, distillation);
        }
    }

    /// Prepares, trains and writes.
    public TrainResult run() {
        Preparation preparation = preparation(request);
        try (Prepared data = preparation.prepare(request.data(), session.cancellation());
                Evaluation evaluation = Evaluation.prepare(preparation, request, session)) {
            data.warnings().forEach(session::warn);
            data.beyond(TeacherCheck.config(request.base()).maxPositions())
                    .ifPresent(session::warn);
            data.notes().forEach(session::note);
            evaluation.data().ifPresent(held -> warnOfLeakage(data, held));
            noteSharedPadding();
            teachers.ifPresent(it -> prepare(it, data, evaluation));
            try (CausalModel model =
                    TunedModel.open(request.base(), request.tuning(), cache, session)) {
                return train(data, evaluation, model);
            }
        } finally {
            teachers.ifPresent(Teachers::close);
        }
    }

    private static void prepare(Teachers teachers, Prepared data, Evaluation evaluation) {
        teachers.prepare(data);
        evaluation.data().ifPresent(teachers::prepare);
        teachers.prepared();
    }

    private void warnOfLeakage(Prepared data, Prepared held) {
        Leakage leakage = Leakage.of(data.tokens(), held.tokens());
        if (leakage.leaked() > 0) {
            session.warn(
                    "%d of %d held-out sequences stand for the most part in the training data as well:"
                                    .formatted(leakage.leaked(), leakage.sequences())
                            + " measurements on them say little");
        }
    }

    /// Batches here carry no padding, but the model will be used elsewhere.
    private void noteSharedPadding() {
        try (Tokenizer tokenizer = Tokenizer.load(request.base())) {
            if (tokenizer.padId().isPresent() && tokenizer.padId().equals(tokenizer.eosId())) {
                session.note(
                        "padding and end are one token (%d): harmless here, but a trainer that hides"
                                        .formatted(tokenizer.padId().getAsInt())
                                + " padding from the loss would never teach this model to stop");
            }
        }
    }

    /// How a request's data is made ready.
    public static Preparation preparation(TrainRequest request) {
        return new Preparation(
                request.base(),
                request.work().resolve("cache"),
                request.objective(),
                request.settings(),
                request.seed());
    }

    private TrainResult train(Prepared data, Evaluation evaluation, CausalModel model) {
        long trainable = TunedModel.trainable(model);
        Batches batches = new Batches(data.tokens(), data.plan());
        Loss loss = loss(data, batches, model);
        Optional<TrainingLoop.HeldOut> heldOut =
                evaluation
                        .data()
                        .map(held -> {
                            Batches heldBatches = new Batches(held.tokens(), held.plan());
                            return new TrainingLoop.HeldOut(
                                    heldBatches, loss(held, heldBatches, model));
                        });
        CheckpointStore checkpoints =
                new CheckpointStore(
                        request.work().resolve("checkpoints"),
                        Fingerprint.of(request, baseDigest, dataKey(data)),
                        request.settings().refinements().guard());
        try (Optimizer optimizer = new Optimizer(model, request.settings().optimizer())) {
            double decay = request.settings().refinements().averageDecay();
            if (decay > 0) {
                optimizer.averageWeights(decay);
            }
            Progress progress = resume(checkpoints, optimizer);
            Map<String, Double> after =
                    new TrainingLoop(
                                    session,
                                    new TrainingLoop.Subject(model, optimizer, loss),
                                    batches,
                                    heldOut,
                                    checkpoints,
                                    request.samples()
                                            .map(samples ->
                                                    new SampleAnswers(
                                                            samples, request.base(), session)))
                            .run(progress);
            FinishedModel.write(request, model);
            checkpoints.clear();
            return result(progress, after, trainable, data);
        }
    }

    /// What is learnt from: the data, and the teacher if there is one.
    private String dataKey(Prepared data) {
        return teachers.map(it -> data.key() + " by " + it.identity()).orElse(data.key());
    }

    private Progress resume(CheckpointStore checkpoints, Optimizer optimizer) {
        return checkpoints
                .latest()
                .map(found -> {
                    found.restore(optimizer);
                    session.note("continuing after step " + found.progress().steps());
                    return found.progress();
                })
                .orElseGet(Progress::new);
    }

    private Loss loss(Prepared data, Batches batches, CausalModel model) {
        return switch (request.objective()) {
            case Objective.CausalLm causal -> new TokenLoss();
            case Objective.Supervised supervised -> new TokenLoss();
            case Objective.Preference preference ->
                    new PairLoss(
                            preference,
                            preference.usesReference()
                                    ? reference(
                                            data,
                                            batches.inOrder(),
                                            "answers of pairs",
                                            new TokenWeights(preference.tailWeight()),
                                            model)
                                    : ReferenceLogProbs.none(data.tokens().sequences()));
            case Objective.Unpaired unpaired -> unpaired(unpaired, data, batches, model);
            case Objective.Distillation distillation -> {
                Teachers asked = teachers.orElseThrow();
                yield new StudentLoss(
                        distillation,
                        asked.of(data, model),
                        model,
                        asked.compared(model),
                        session.cancellation());
            }
        };
    }

    private Loss unpaired(
            Objective.Unpaired objective, Prepared data, Batches batches, CausalModel model) {
        TokenWeights even = TokenWeights.even();
        return new UnpairedLoss(
                objective,
                data.tokens(),
                reference(data, batches.inOrder(), "answers", even, model),
                objective.loss().usesDivergence()
                        ? divergence(data, batches, model)
                        : DivergenceEstimate.none());
    }

    private DivergenceEstimate divergence(Prepared data, Batches batches, CausalModel model) {
        Mismatched mismatched = Mismatched.of(data.tokens(), request.settings().sequenceLength());
        ReferenceLogProbs reference =
                reference(
                        data,
                        batches.inOrder(mismatched),
                        "mismatched answers",
                        TokenWeights.even(),
                        model);
        return DivergenceEstimate.of(
                mismatched,
                reference,
                batch -> {
                    session.cancellation().check();
                    return model.logProbs(batch);
                });
    }

    /// The reference is this very model before it has learnt anything: asked now, or remembered.
    ///
    /// @param passes every sequence once
    /// @param what tells apart what is made of the same data
    private ReferenceLogProbs reference(
            Prepared data,
            Iterable<MicroBatch> passes,
            String what,
            TokenWeights weights,
            CausalModel model) {
        String key =
                Digest.ofString(
                        String.join(
                                "\n",
                                baseDigest,
                                Fingerprint.adapter(request.tuning()),
                                data.key(),
                                what + " " + weights.tail(),
                                request.settings().precision().name()));
        Path file = cache.resolve("reference-" + key.substring(0, 16) + ".f64");
        int sequences = data.tokens().sequences();
        return ReferenceLogProbs.load(file, sequences)
                .orElseGet(() -> {
                    session.note("asking the reference about " + sequences + " " + what);
                    ReferenceLogProbs computed =
                            ReferenceLogProbs.compute(
                                    sequences,
                                    passes,
                                    weights,
                                    model::logProbs,
                                    session.cancellation());
                    computed.save(file);
                    return computed;
                });
    }

    private TrainResult result(
            Progress progress, Map<String, Double> after, long trainable, Prepared data) {
        Map<String, Double> evaluation = new TreeMap<>();
        progress.before().forEach((name, value) -> evaluation.put("before/" + name, value));
        after.forEach((name, value) -> evaluation.put("after/" + name, value));
        if (progress.best().exists()) {
            evaluation.put("best/step", (double) progress.best().step());
        }
        return new TrainResult(
                progress.steps(),
                progress.positions(),
                progress.recentLoss(),
                progress.lossDigest(),
                evaluation,
                progress.seconds(),
                progress.returns().count(),
                trainable,
                ResidentMemory.peak(),
                data.summary());
    }

    /// Held-out data made ready, if there is any.
    record Evaluation(Optional<Prepared> data) implements AutoCloseable {
        static Evaluation prepare(Preparation preparation, TrainRequest request, Session session) {
            return new Evaluation(
                    request.evaluation()
                            .map(held -> preparation.prepare(held, session.cancellation())));
        }

        @Override
        public void close() {
            data.ifPresent(Prepared::close);
        }
    }
}
