package dev.tailor.train.internal.loop;

import dev.tailor.core.Cancellation;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.LogitLoss;
import dev.tailor.torch.ScoredStates;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.distillation.DistillationLoss;
import dev.tailor.train.distillation.DistillationLoss.CrossEntropy;
import dev.tailor.train.distillation.DistillationLoss.Hidden;
import dev.tailor.train.distillation.DistillationLoss.Tokens;
import dev.tailor.train.distillation.LogitRow;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.distil.Lecture;
import dev.tailor.train.internal.distil.Teacher;
import dev.tailor.train.internal.objective.DistillationMeans;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Distillation: the weighted mean of its losses, each the mean over the scored positions of the
/// whole step, by the weights that the data gives them.
///
/// @param compared hidden states, where a loss compares them
record StudentLoss(
        Distillation objective,
        Teacher teacher,
        CausalModel student,
        List<ComparedStates> compared,
        Cancellation cancellation)
        implements Loss {
    @Override
    public StepOutcome learn(List<MicroBatch> passes, Forward forward) {
        long scored = passes.stream().mapToLong(pass -> pass.batch().scored()).sum();
        double total = passes.stream().mapToDouble(MicroBatch::totalWeight).sum();
        DistillationMeans means = new DistillationMeans(objective);
        double balance = 0;
        long positions = 0;
        for (int i = 0; i < passes.size(); i++) {
            MicroBatch batch = passes.get(i);
            try (Lecture lecture = teacher.of(batch);
                    ForwardPass pass = forward.run(batch.batch(), i)) {
                balance += pass.balance((double) batch.batch().scored() / scored);
                hidden(batch, lecture, pass::hidden, means)
                        .gradients(1.0 / total)
                        .forEach(pass::hiddenGradient);
                DistillationMeans.Pass values = means.pass(batch);
                pass.logitsBackward(
                        distribution(lecture),
                        (position, logits, known) -> {
                            LogitRow row = new LogitRow(logits, teacher.shared());
                            row(position, row, known, lecture, values, 1.0 / total);
                            row.finish();
                        });
                means.add(values);
            }
            positions += batch.batch().size();
        }
        Map<String, Double> metrics = new LinkedHashMap<>(means.byName(""));
        if (balance != 0) {
            metrics.put("router_balance", balance);
        }
        return new StepOutcome(means.loss(), positions, metrics);
    }

    @Override
    public Map<String, Double> measure(Iterable<MicroBatch> passes, LogProbs logProbs) {
        DistillationMeans means = new DistillationMeans(objective);
        TreeSet<Integer> wanted = new TreeSet<>();
        compared.forEach(pair -> wanted.add(pair.student()));
        for (MicroBatch batch : passes) {
            cancellation.check();
            try (Lecture lecture = teacher.of(batch);
                    ScoredStates states = student.states(batch.batch(), wanted)) {
                hidden(batch, lecture, states::hidden, means);
                DistillationMeans.Pass values = means.pass(batch);
                LogitLoss reader =
                        (position, logits, known) -> {
                            LogitRow row = new LogitRow(logits, teacher.shared());
                            values.crossEntropy(
                                    position, row.crossEntropy(values.target(position), 0));
                            row(position, row, known, lecture, values, 0);
                        };
                states.read(distribution(lecture), reader);
                means.add(values);
            }
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("eval_loss", means.loss());
        measured.put("eval_perplexity", Math.exp(means.crossEntropy()));
        measured.putAll(means.byName("eval_"));
        return measured;
    }

    /// The teacher's states, where its distributions count and are not listed.
    private Optional<ScoredStates> distribution(Lecture lecture) {
        return objective.losses().stream().anyMatch(part -> part.loss() instanceof Tokens)
                ? lecture.states()
                : Optional.empty();
    }

    /// The losses of one row of logits; derivatives count `scale` times the weight of the loss and
    /// that of the token.
    private void row(
            int position,
            LogitRow row,
            float[] known,
            Lecture lecture,
            DistillationMeans.Pass values,
            double scale) {
        for (int p = 0; p < objective.losses().size(); p++) {
            DistillationLoss.Part part = objective.losses().get(p);
            double weight = scale * values.share(p) * values.weight(position);
            switch (part.loss()) {
                case CrossEntropy ce ->
                        values.set(p, position, row.crossEntropy(values.target(position), weight));
                case Tokens(var divergence) ->
                        values.set(
                                p,
                                position,
                                lecture.states().isPresent()
                                        ? row.divergence(
                                                divergence, known, objective.temperature(), weight)
                                        : row.divergence(
                                                divergence,
                                                lecture.listed().apply(position),
                                                weight));
                case Hidden hidden -> {}
            }
        }
    }

    private HiddenLosses hidden(
            MicroBatch batch,
            Lecture lecture,
            HiddenLosses.Source student,
            DistillationMeans means) {
        HiddenLosses losses = new HiddenLosses(objective, means, batch);
        for (ComparedStates pair : compared) {
            losses.compare(pair, student, lecture.states().orElseThrow(), compared.size());
        }
        return losses;
    }
}
