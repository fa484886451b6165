package dev.tailor.workflow.loraland;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// How every adapter of an experiment is tuned and measured. Nothing is tuned to a task: rank 8 on
/// the query and value projections, cosine schedule with 3 % warm-up, 16 rows a step, as in LoRA
/// Land (arXiv 2405.00732, section 3).
///
/// @param tuning the kind of adapter
/// @param epochs passes over a task's training rows
/// @param maxSteps at most so many steps
/// @param learningRate peak learning rate
/// @param sequenceLength tokens of a row at most; longer ones are cut
/// @param trainLimit only the first so many training rows
/// @param limit only the first so many evaluated rows
/// @param holdOut the share of rows put aside for the evaluation where one file serves both
/// @param shots numbers of examples that the base is asked with; adapters are asked without
/// @param seed root of all randomness
/// @param keepModels whether the fused models stay beside the adapters
public record ExperimentSettings(
        Tuning tuning,
        double epochs,
        OptionalInt maxSteps,
        double learningRate,
        int sequenceLength,
        OptionalInt trainLimit,
        OptionalInt limit,
        OptionalDouble holdOut,
        List<Integer> shots,
        long seed,
        boolean keepModels) {
    /// A kind of adapter.
    public enum Tuning {
        /// On weights kept in 4 bits.
        QLORA,
        /// On the weights as they are.
        LORA
    }

    /// The stage of a recipe that tunes with these settings, one key a line.
    String stage(String id) {
        StringBuilder yaml = new StringBuilder();
        yaml.append("  - sft:\n");
        line(yaml, "id", id);
        line(yaml, "from", "base");
        line(yaml, "data", "train");
        String adapter = "{rank: 8, alpha: 16, targets: [q_proj, v_proj]}";
        line(yaml, "tune", "{" + tuning.name().toLowerCase(Locale.ROOT) + ": " + adapter + "}");
        line(yaml, "pack", "false");
        line(yaml, "sequence-length", sequenceLength);
        line(yaml, "epochs", epochs);
        maxSteps.ifPresent(steps -> line(yaml, "max-steps", steps));
        line(yaml, "batch-size", 4);
        line(yaml, "gradient-accumulation", 4);
        line(yaml, "learning-rate", learningRate);
        line(yaml, "schedule", "cosine");
        line(yaml, "warmup-ratio", 0.03);
        return yaml.toString();
    }

    private static void line(StringBuilder yaml, String key, Object value) {
        yaml.append("      ").append(key).append(": ").append(value).append('\n');
    }
}
