package dev.tailor.train.internal.loop;

import dev.tailor.torch.ScoredStates;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.distillation.DistillationLoss.Hidden;
import dev.tailor.train.distillation.HiddenTerm;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.objective.DistillationMeans;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// The losses of hidden states of one pass.
final class HiddenLosses {
    /// Where the student's states come from.
    interface Source {
        float[] hidden(int index);
    }

    private record Compared(ComparedStates states, float[] student, float[] gradient) {}

    private final Distillation objective;
    private final DistillationMeans means;
    private final double[] weights;
    private final List<Compared> compared = new ArrayList<>();

    HiddenLosses(Distillation objective, DistillationMeans means, MicroBatch batch) {
        this.objective = objective;
        this.means = means;
        this.weights =
                IntStream.range(0, batch.batch().size())
                        .filter(i -> batch.batch().targets()[i] >= 0)
                        .mapToDouble(batch::weight)
                        .toArray();
    }

    /// Compares a pair of states, one of `pairs`.
    void compare(ComparedStates states, Source source, ScoredStates lecture, int pairs) {
        float[] student = source.hidden(states.student());
        float[] projected = states.projection().map(p -> p.apply(student)).orElse(student);
        float[] teacher = lecture.hidden(states.teacher());
        float[] gradient = new float[projected.length];
        int width = lecture.count() == 0 ? 0 : teacher.length / lecture.count();
        for (int p = 0; p < objective.losses().size(); p++) {
            if (objective.losses().get(p).loss() instanceof Hidden(var distance)) {
                double sum = 0;
                double share = means.share(p) / pairs;
                for (int from = 0; from < teacher.length; from += width) {
                    double weight = weights[from / width];
                    HiddenTerm term =
                            distance.term(
                                    Arrays.copyOfRange(projected, from, from + width),
                                    Arrays.copyOfRange(teacher, from, from + width));
                    sum += weight * term.loss();
                    for (int i = 0; i < width; i++) {
                        gradient[from + i] += (float) (share * weight * term.slopes()[i]);
                    }
                }
                means.addHidden(p, sum / pairs);
            }
        }
        compared.add(new Compared(states, student, gradient));
    }

    /// The derivatives by the student's states, by their number, each times `scale`; those of
    /// projections go to them.
    Map<Integer, float[]> gradients(double scale) {
        Map<Integer, float[]> gradients = new TreeMap<>();
        for (Compared pair : compared) {
            float[] own = pair.gradient().clone();
            for (int i = 0; i < own.length; i++) {
                own[i] *= (float) scale;
            }
            float[] back =
                    pair.states()
                            .projection()
                            .map(p -> p.backward(pair.student(), own))
                            .orElse(own);
            gradients.merge(pair.states().student(), back, HiddenLosses::sum);
        }
        return gradients;
    }

    private static float[] sum(float[] a, float[] b) {
        float[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }
}
