package dev.tailor.train;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.train.internal.batch.Prepared;
import dev.tailor.train.internal.estimate.MemoryModel;
import dev.tailor.train.internal.estimate.ModelSize;
import dev.tailor.train.internal.estimate.PassSize;
import dev.tailor.train.internal.estimate.SpeedProbe;
import dev.tailor.train.internal.estimate.TeacherSize;
import dev.tailor.train.internal.loop.Session;
import dev.tailor.train.internal.loop.Stage;

import java.util.List;
import java.util.OptionalDouble;

/// What a training stage will take, before it runs. Tokenises the data (the run finds it done) and
/// times a cut-down model of the same shape on it.
///
/// @param parameters weights of the model
/// @param trainableParameters those that learn, or the adapter's
/// @param data what is learnt from and what is left out
/// @param tokens positions the model will read in all
/// @param memory peak resident memory, by what takes it
/// @param diskBytes the finished model and up to two checkpoints
/// @param seconds training time; empty where it could not be measured
/// @param warnings what the run will warn of
public record TrainEstimate(
        long parameters,
        long trainableParameters,
        DataSummary data,
        long stepsPerEpoch,
        long steps,
        long tokens,
        Memory memory,
        long diskBytes,
        OptionalDouble seconds,
        List<String> warnings) {
    /// Bytes of resident memory.
    ///
    /// @param weights the model, the adapter included
    /// @param gradients one float per trainable parameter
    /// @param optimizer what the update rule remembers (AdamW: two moments), and master weights
    ///   beside bfloat16 ones
    /// @param activations what the largest pass keeps for the way back
    /// @param workspace what single operations need for a moment: one layer, a block of logits
    /// @param fixed the Java and native runtime
    /// @param slack gaps between blocks, which in a long run grow up to this before they are given
    ///   back
    public record Memory(
            long weights,
            long gradients,
            long optimizer,
            long activations,
            long workspace,
            long fixed,
            long slack) {
        /// The same with that much slack.
        public Memory withSlack(long bytes) {
            return new Memory(weights, gradients, optimizer, activations, workspace, fixed, bytes);
        }

        /// The peak: training, or loading the weights from a mapped file if that takes more.
        public long peak() {
            long training =
                    weights + gradients + optimizer + activations + workspace + fixed + slack;
            return Math.max(training, 2 * weights + fixed);
        }
    }

    /// Estimates a request; nothing but its cache is written.
    ///
    /// @param measureSpeed whether to spend some seconds on timing
    public static TrainEstimate of(
            TrainRequest request, boolean measureSpeed, Cancellation cancellation) {
        Stage.checkTeacher(request);
        TrainSettings settings = request.settings();
        Session session =
                new Session(
                        request.stage(),
                        settings,
                        request.seed(),
                        Event.Listener.none(),
                        cancellation);
        ModelSize size = ModelSize.of(request, session);
        try (Prepared data = Stage.preparation(request).prepare(request.data(), cancellation)) {
            long steps =
                    data.plan()
                            .steps(settings.epochs(), settings.maxSteps().orElse(Long.MAX_VALUE));
            double epochs = (double) steps / data.plan().stepsPerEpoch();
            DataSummary summary = data.summary();
            long tokens = Math.round(epochs * summary.positions());
            OptionalDouble perPosition =
                    measureSpeed
                            ? SpeedProbe.secondsPerPosition(request, size, data)
                            : OptionalDouble.empty();
            double passes = tokens + forwardPositions(request, size, summary, epochs);
            return new TrainEstimate(
                    size.parameters(),
                    size.trainable(),
                    summary,
                    data.plan().stepsPerEpoch(),
                    steps,
                    tokens,
                    TeacherSize.beside(
                            MemoryModel.of(request, size, PassSize.largest(data)), request),
                    size.diskBytes(settings) + TeacherSize.storeBytes(request, size, summary),
                    perPosition.isPresent()
                            ? OptionalDouble.of(perPosition.getAsDouble() * passes)
                            : OptionalDouble.empty(),
                    data.warnings());
        }
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
