package dev.tailor.train;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.train.internal.batch.Prepared;
import dev.tailor.train.internal.estimate.CardSpeed;
import dev.tailor.train.internal.estimate.MemoryModel;
import dev.tailor.train.internal.estimate.ModelSize;
import dev.tailor.train.internal.estimate.PassSize;
import dev.tailor.train.internal.estimate.Proposals;
import dev.tailor.train.internal.estimate.SpeedProbe;
import dev.tailor.train.internal.estimate.TeacherSize;
import dev.tailor.train.internal.loop.Session;
import dev.tailor.train.internal.loop.Stage;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// What a training stage will take, before it runs. Tokenises the data (the run finds it done) and
/// times a cut-down model of the same shape on it.
///
/// @param parameters weights of the model
/// @param trainableParameters those that learn, or the adapter's
/// @param data what is learnt from and what is left out
/// @param tokens positions the model will read in all
/// @param memory peak resident memory, by what takes it
/// @param proposals settings that fit; of this machine only where those asked for do not
/// @param diskBytes the finished model and up to two checkpoints
/// @param seconds training time; empty where it could not be measured
/// @param warnings what the run will warn of, and which tokens it will learn
public record TrainEstimate(
        long parameters,
        long trainableParameters,
        DataSummary data,
        long stepsPerEpoch,
        long steps,
        long tokens,
        Memory memory,
        List<Proposal> proposals,
        long diskBytes,
        OptionalDouble seconds,
        List<String> warnings) {
    /// Estimates a request; nothing but its cache is written.
    ///
    /// @param target where it is to run
    public static TrainEstimate of(TrainRequest request, Target target, Cancellation cancellation) {
        Stage.checkTeacher(request);
        Session session =
                new Session(
                        request.stage(),
                        request.settings(),
                        request.seed(),
                        Event.Listener.none(),
                        cancellation);
        if (!Files.exists(request.base().resolve("tokenizer.json"))) {
            return ofShape(request, target, session);
        }
        ModelSize size = ModelSize.of(request, session);
        try (Prepared data = Stage.preparation(request).prepare(request.data(), cancellation)) {
            return of(request, target, session, size, data);
        }
    }

    private static TrainEstimate of(
            TrainRequest request, Target target, Session session, ModelSize size, Prepared data) {
        TrainSettings settings = request.settings();
        long steps =
                data.plan().steps(settings.epochs(), settings.maxSteps().orElse(Long.MAX_VALUE));
        double epochs = (double) steps / data.plan().stepsPerEpoch();
        DataSummary summary = data.summary();
        long tokens = Math.round(epochs * summary.positions());
        double passes = tokens + forwardPositions(request, size, summary, epochs);
        long largest = PassSize.largest(data).positions();
        Memory memory = MemoryModel.of(request, size, largest, target);
        Proposals.Time time = time(target, passes, steps);
        OptionalDouble seconds =
                switch (target) {
                    case Target.Here(long bytes, boolean measures) ->
                            measures
                                    ? SpeedProbe.secondsPerPosition(request, size, data).stream()
                                            .map(perPosition -> perPosition * passes)
                                            .findFirst()
                                    : OptionalDouble.empty();
                    case Target.Card card -> time.of(settings, size);
                };
        return new TrainEstimate(
                size.parameters(),
                size.trainable(),
                summary,
                data.plan().stepsPerEpoch(),
                steps,
                tokens,
                memory,
                proposals(request, session, target, memory, largest, time),
                size.diskBytes(settings) + TeacherSize.storeBytes(request, size, summary),
                seconds,
                Stream.of(
                                data.warnings(),
                                data.beyond(size.config().maxPositions()).stream().toList(),
                                data.maskNotes())
                        .flatMap(List::stream)
                        .toList());
    }

    /// Of a model that has no tokenizer yet: rows are taken to be full.
    private static TrainEstimate ofShape(TrainRequest request, Target target, Session session) {
        TrainSettings settings = request.settings();
        ModelSize size = ModelSize.of(request, session);
        long largest = (long) settings.batchSize() * settings.sequenceLength();
        Memory memory = MemoryModel.of(request, size, largest, target);
        DataSummary unknown =
                new DataSummary(
                        0, 0, 0, MaskSummary.NONE, 0, Map.of(), ChainSummary.NONE, List.of());
        return new TrainEstimate(
                size.parameters(),
                size.trainable(),
                unknown,
                0,
                0,
                0,
                memory,
                proposals(request, session, target, memory, largest, time(target, 0, 0)),
                size.diskBytes(settings),
                OptionalDouble.empty(),
                List.of(
                        "the model has no tokenizer.json and cannot be trained as it is: memory is"
                                + " that of full rows, tokens and time are not known"));
    }

    /// What fits instead: of a card always, of this machine where it is needed.
    private static List<Proposal> proposals(
            TrainRequest request,
            Session session,
            Target target,
            Memory memory,
            long positions,
            Proposals.Time time) {
        boolean fits = memory.step() <= target.memoryBytes();
        return fits && target instanceof Target.Here
                ? List.of()
                : new Proposals(request, session, target, positions, time).all();
    }

    private static Proposals.Time time(Target target, double passes, long steps) {
        return (settings, size) ->
                target instanceof Target.Card(Device device) && passes > 0
                        ? OptionalDouble.of(
                                CardSpeed.seconds(settings, size, device, passes, steps))
                        : OptionalDouble.empty();
    }

    /// What is read forward only, which takes a third of a full pass: by the reference, everything
    /// once; by a teacher, everything once or in every epoch; by KTO's estimate of the divergence,
    /// as much again, once before and in every epoch; by a loss that compares pairs of several
    /// passes, everything in every epoch.
    private static double forwardPositions(
            TrainRequest request, ModelSize size, DataSummary summary, double epochs) {
        boolean severalPasses = request.settings().gradientAccumulation() > 1;
        double readings =
                switch (request.objective()) {
                    case Objective.CausalLm causal -> 0;
                    case Objective.Supervised supervised -> 0;
                    case Objective.Preference preference ->
                            (preference.usesReference() ? 1 : 0)
                                    + (preference.loss().comparesPairs() && severalPasses
                                            ? epochs
                                            : 0);
                    case Objective.Unpaired unpaired ->
                            unpaired.loss().usesDivergence() ? 2 + epochs : 1;
                    case Objective.Distillation distillation ->
                            TeacherSize.readings(distillation, epochs, size);
                };
        return readings * summary.positions() / 3;
    }
}
