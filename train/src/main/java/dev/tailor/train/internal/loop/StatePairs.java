package dev.tailor.train.internal.loop;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Projection;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.distillation.HiddenPairs;
import dev.tailor.train.distillation.HiddenPairs.Pair;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds the hidden states that a stage compares. Where widths differ, or where it is wanted, a
/// projection is added to the student.
record StatePairs(TrainRequest request, Distillation objective) {
    List<ComparedStates> of(CausalModel student) {
        DecoderConfig teacher = TeacherCheck.config(objective.teacher().orElseThrow());
        int layers = student.config().layers();
        int lowest = student.lowestLearningState();
        List<ComparedStates> compared = new ArrayList<>();
        for (Pair pair : objective.hidden().of(layers, teacher.layers())) {
            if (pair.student() > layers || pair.teacher() > teacher.layers()) {
                throw invalid(
                        "there is no pair of hidden states %d and %d: the student has %d layers, the teacher %d"
                                .formatted(
                                        pair.student(), pair.teacher(), layers, teacher.layers()));
            }
            if (pair.student() >= lowest) {
                compared.add(
                        new ComparedStates(
                                pair.student(),
                                pair.teacher(),
                                projection(pair, student, teacher)));
            } else if (!(objective.hidden() instanceof HiddenPairs.All)) {
                throw invalid(
                        "nothing that makes the student's hidden state %d learns; the first that can change is %d"
                                .formatted(pair.student(), lowest));
            }
        }
        if (compared.isEmpty()) {
            throw invalid("none of the student's hidden states that are compared can change");
        }
        return compared;
    }

    private TailorException invalid(String what) {
        return TailorException.of(ErrorCode.CONFIG_INVALID, what)
                .at("stage " + request.stage())
                .remedy("choose other pairs of hidden states");
    }

    private Optional<Projection> projection(Pair pair, CausalModel student, DecoderConfig teacher) {
        int from = student.config().hiddenSize();
        int to = teacher.hiddenSize();
        if (from == to && !objective.projects()) {
            return Optional.empty();
        }
        String name =
                "distillation.projections.%d.%d.weight".formatted(pair.student(), pair.teacher());
        return Optional.of(student.addProjection(name, to, from, request.seed().of("projections")));
    }
}
