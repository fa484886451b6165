package dev.tailor.train.internal.loop;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.distillation.Teaching;
import dev.tailor.train.internal.distil.SharedVocabulary;

import java.nio.file.Path;

/// What can be told of a teacher before any work is done.
final class TeacherCheck {
    private TeacherCheck() {}

    /// Fails where there is no teacher, or none that can teach this student.
    ///
    /// @throws TailorException `CONFIG_INVALID` or `MODEL_INVALID`
    static void check(TrainRequest request, Distillation objective) {
        if (objective.teacher().isEmpty()) {
            if (!(objective.teaching() instanceof Teaching.Stored stored)
                    || stored.stores().isEmpty()) {
                throw TailorException.of(ErrorCode.CONFIG_INVALID, "there is no teacher")
                        .at("stage " + request.stage())
                        .remedy("name a model, or the place of a store of what it said");
            }
            return;
        }
        Path teacher = objective.teacher().get();
        int shared = shared(request.base(), teacher);
        SharedVocabulary.check(request.base(), teacher);
        if (objective.teaching() instanceof Teaching.Stored stored && stored.top() > shared) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the %d likeliest tokens are wanted, the vocabulary has %d"
                                    .formatted(stored.top(), shared))
                    .at("stage " + request.stage())
                    .remedy("lower 'top'; 64 is plenty as a rule");
        }
    }

    /// Rows that both embeddings have; what one has beyond is padding.
    static int shared(Path student, Path teacher) {
        return (int) Math.min(config(student).vocabularySize(), config(teacher).vocabularySize());
    }

    static DecoderConfig config(Path model) {
        try (ModelDirectory directory = ModelDirectory.open(model)) {
            return DecoderConfig.of(directory);
        }
    }
}
