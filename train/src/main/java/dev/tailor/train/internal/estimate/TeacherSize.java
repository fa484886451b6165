package dev.tailor.train.internal.estimate;

import dev.tailor.tensors.ModelDirectory;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.train.DataSummary;
import dev.tailor.train.Memory;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.distillation.Teaching;

import java.nio.file.Path;

/// What a teacher takes beside the student.
public final class TeacherSize {
    /// The teacher's logits that stand in memory at once.
    private static final long LOGIT_ROWS = 512;

    private TeacherSize() {}

    /// How often everything is read by something as large as the student.
    public static double readings(Distillation objective, double epochs, ModelSize student) {
        double size =
                objective.teacher().map(model -> parameters(config(model))).orElse(0L)
                        / (double) student.parameters();
        return objective.teaching() instanceof Teaching.Online ? size * epochs : size;
    }

    /// The student's memory with the teacher's: its weights as long as the student learns, or
    /// before that, while it is read and asked.
    public static Memory beside(Memory student, TrainRequest request) {
        if (!(request.objective() instanceof Distillation objective)
                || objective.teacher().isEmpty()) {
            return student;
        }
        int element = request.settings().precision().bytes();
        DecoderConfig config = config(objective.teacher().get());
        long weights = element * parameters(config);
        long vocabulary = config.vocabularySize();
        if (objective.teaching() instanceof Teaching.Stored) {
            return student.after(weights);
        }
        return student.beside(weights, LOGIT_ROWS * vocabulary * element);
    }

    /// Bytes of the store of what a teacher says, before they are compressed.
    public static long storeBytes(TrainRequest request, ModelSize student, DataSummary data) {
        if (!(request.objective() instanceof Distillation objective)
                || !(objective.teaching() instanceof Teaching.Stored stored)) {
            return 0;
        }
        int bits =
                Integer.SIZE - Integer.numberOfLeadingZeros(student.config().vocabularySize() - 1);
        return Math.round(
                data.trainedTokens()
                        * (stored.top() * (bits / 8.0 + stored.precision().bytes()) + Float.BYTES));
    }

    private static DecoderConfig config(Path model) {
        try (ModelDirectory directory = ModelDirectory.open(model)) {
            return DecoderConfig.of(directory);
        }
    }

    private static long parameters(DecoderConfig config) {
        return config.weights().values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }
}
