package dev.tailor.train;

import dev.tailor.core.Seed;
import dev.tailor.data.DataSet;

import java.nio.file.Path;
import java.util.Optional;

/// One training stage.
///
/// @param stage its name, for events and messages
/// @param base the model to start from; a directory with `config.json` and tokenizer but no weights
///   starts from random ones
/// @param output where the finished model goes, replaced in one step; after LoRA it holds the fused
///   model and the adapter itself in `adapter/`
/// @param work checkpoints and caches; a run with the same settings continues from what lies here
/// @param data what to learn from
/// @param evaluation held-out data of the same kind, to measure during training
/// @param samples prompts that are answered on the way; they do not change what is learnt
public record TrainRequest(
        String stage,
        Path base,
        Path output,
        Path work,
        Objective objective,
        Tuning tuning,
        TrainSettings settings,
        DataSet data,
        Optional<DataSet> evaluation,
        Seed seed,
        Optional<PromptSamples> samples) {
    /// Without prompts that are answered on the way.
    public TrainRequest(
            String stage,
            Path base,
            Path output,
            Path work,
            Objective objective,
            Tuning tuning,
            TrainSettings settings,
            DataSet data,
            Optional<DataSet> evaluation,
            Seed seed) {
        this(
                stage,
                base,
                output,
                work,
                objective,
                tuning,
                settings,
                data,
                evaluation,
                seed,
                Optional.empty());
    }

    /// The same that answers prompts on the way.
    public TrainRequest with(PromptSamples prompts) {
        return new TrainRequest(
                stage,
                base,
                output,
                work,
                objective,
                tuning,
                settings,
                data,
                evaluation,
                seed,
                Optional.of(prompts));
    }

    /// The same with another tuning and other settings.
    public TrainRequest with(Tuning otherTuning, TrainSettings otherSettings) {
        return new TrainRequest(
                stage,
                base,
                output,
                work,
                objective,
                otherTuning,
                otherSettings,
                data,
                evaluation,
                seed,
                samples);
    }
}
