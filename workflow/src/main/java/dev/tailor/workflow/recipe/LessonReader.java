package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.text.TrainOn;
import dev.tailor.torch.Activations;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraStart;
import dev.tailor.torch.LoraTargets;
import dev.tailor.torch.LoraVariant;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.Precision;
import dev.tailor.train.Augmentation;
import dev.tailor.train.LossGuard;
import dev.tailor.train.Objective;
import dev.tailor.train.Refinements;
import dev.tailor.train.Schedule;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;
import dev.tailor.workflow.internal.keys.Values;
import dev.tailor.workflow.internal.keys.Variant;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Turns the values of a training stage into the training module's terms. The words are those of
/// `TrainingKeys`.
final class LessonReader {
    private final Path directory;

    LessonReader(Path directory) {
        this.directory = directory;
    }

    Objective objective(String kind, Values values) {
        return switch (kind) {
            case "cpt" ->
                    new Objective.CausalLm(
                            values.flag("pack"),
                            new Augmentation(
                                    values.integer("shots"),
                                    values.text("layouts").equals("varied")));
            case "sft" ->
                    new Objective.Supervised(values.flag("pack"), trainOn(values.text("train-on")));
            case "dpo" -> PreferenceReader.pairs(values);
            case "kto" -> PreferenceReader.answers(values);
            case "distill" -> new DistillationReader(values, directory).objective();
            default -> throw new IllegalStateException("not a training stage: " + kind);
        };
    }

    static TrainOn trainOn(String word) {
        return TrainOn.of(word)
                .orElseThrow(() -> new IllegalStateException("not in the table: " + word));
    }

    Tuning tuning(Variant tune) {
        Values values = tune.values();
        return switch (tune.name()) {
            case "full" -> new Tuning.Full(values.texts("freeze"));
            case "lora" -> lora(values);
            case "qlora" -> new Tuning.Qlora(lora(values), values.flag("double-quantisation"));
            case "spectrum" ->
                    new Tuning.Spectrum(
                            values.real("top"),
                            values.optionalText("file").map(directory::resolve),
                            values.texts("types"));
            default -> throw new IllegalStateException("not in the table: " + tune.name());
        };
    }

    private Tuning.Lora lora(Values values) {
        return new Tuning.Lora(
                loraConfig(values), values.optionalText("continue-from").map(directory::resolve));
    }

    private static LoraConfig loraConfig(Values values) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        values.entries("rank-pattern", Long.class)
                .forEach((module, rank) -> ranks.put(module, rank.intValue()));
        return new LoraConfig(
                values.integer("rank"),
                values.real("alpha"),
                values.real("dropout"),
                values.flag("rs-lora"),
                targets(values),
                ranks,
                values.entries("alpha-pattern", Double.class),
                new LoraVariant(
                        values.flag("dora"),
                        start(values.text("init")),
                        values.real("b-learning-rate-ratio"),
                        values.texts("modules-to-save")));
    }

    private static LoraStart start(String word) {
        return switch (word) {
            case "zero" -> LoraStart.ZERO;
            case "pissa" -> LoraStart.PRINCIPAL;
            default -> throw new IllegalStateException("not in the table: " + word);
        };
    }

    private static LoraTargets targets(Values values) {
        if (values.optionalText("targets-matching").isPresent()) {
            return new LoraTargets.Matching(values.text("targets-matching"));
        }
        List<String> names = values.texts("targets");
        return names.equals(List.of("all-linear"))
                ? new LoraTargets.AllLinear()
                : new LoraTargets.Names(names);
    }

    static TrainSettings settings(Values values) {
        return new TrainSettings(
                values.integer("sequence-length"),
                values.real("epochs"),
                values.optionalWhole("max-steps"),
                values.integer("batch-size"),
                values.integer("gradient-accumulation"),
                values.real("learning-rate"),
                schedule(values.variant("schedule")),
                values.has("warmup-steps")
                        ? values.whole("warmup-steps")
                        : values.real("warmup-ratio"),
                optimizer(values),
                values.real("max-grad-norm"),
                values.text("precision").equals("bfloat16")
                        ? Precision.BFLOAT16
                        : Precision.FLOAT32,
                values.text("activations").equals("recompute")
                        ? Activations.RECOMPUTE
                        : Activations.KEEP,
                values.integer("evaluation-every"),
                values.integer("checkpoint-every"),
                values.real("checkpoint-minutes"),
                refinements(values));
    }

    private static Refinements refinements(Values values) {
        requireMeasurements(values, "keep-best", values.flag("keep-best"));
        requireMeasurements(values, "early-stopping", values.whole("early-stopping") > 0);
        if (values.real("ema-decay") > 0
                && values.variant("optimizer").name().equals("schedule-free-adamw")) {
            throw invalid(
                    values.place("ema-decay"),
                    "schedule-free AdamW averages weights already: leave out 'ema-decay'");
        }
        return new Refinements(
                values.real("neftune-alpha"),
                values.real("ema-decay"),
                values.flag("keep-best"),
                values.integer("early-stopping"),
                Refinements.Order.valueOf(
                        values.text("order").replace('-', '_').toUpperCase(Locale.ROOT)),
                guard(values.variant("loss-guard")));
    }

    private static Optional<LossGuard> guard(Variant guard) {
        Values values = guard.values();
        return switch (guard.name()) {
            case "off" -> Optional.empty();
            case "skip" ->
                    Optional.of(
                            new LossGuard(
                                    values.real("spike"),
                                    values.integer("every"),
                                    values.integer("returns")));
            default -> throw new IllegalStateException("not in the table: " + guard.name());
        };
    }

    private static void requireMeasurements(Values values, String key, boolean wanted) {
        if (wanted && !values.has("evaluation")) {
            throw invalid(values.place(key), "'%s' needs held-out data".formatted(key))
                    .remedy("name it: 'evaluation: DATA'");
        }
        if (wanted && values.integer("evaluation-every") == 0) {
            throw invalid(
                            values.place(key),
                            "'%s' needs measurements during training".formatted(key))
                    .remedy("add 'evaluation-every: STEPS'");
        }
    }

    private static OptimizerSettings optimizer(Values values) {
        AdamWSettings adamW =
                new AdamWSettings(
                        values.real("adam-beta1"),
                        values.real("adam-beta2"),
                        values.real("adam-epsilon"),
                        values.real("weight-decay"),
                        false);
        Variant optimizer = values.variant("optimizer");
        Values own = optimizer.values();
        return switch (optimizer.name()) {
            case "adamw" -> adamW;
            case "adamw-8bit" -> new OptimizerSettings.AdamW8Bit(adamW);
            case "lion" ->
                    new OptimizerSettings.Lion(
                            own.real("beta1"), own.real("beta2"), adamW.weightDecay());
            case "adafactor" -> new OptimizerSettings.Adafactor(adamW.weightDecay());
            case "muon" -> new OptimizerSettings.Muon(own.real("momentum"), adamW);
            case "schedule-free-adamw" -> new OptimizerSettings.ScheduleFree(adamW);
            default -> throw new IllegalStateException("not in the table: " + optimizer.name());
        };
    }

    private static Schedule schedule(Variant schedule) {
        Values values = schedule.values();
        return switch (schedule.name()) {
            case "cosine" -> new Schedule.Cosine(values.real("minimum"));
            case "linear" -> new Schedule.Linear();
            case "constant" -> new Schedule.Constant();
            case "warmup-stable-decay" ->
                    new Schedule.WarmupStableDecay(values.real("decay"), values.real("minimum"));
            case "polynomial" ->
                    new Schedule.Polynomial(values.real("power"), values.real("minimum"));
            case "inverse-square-root" ->
                    new Schedule.InverseSquareRoot(values.optionalWhole("timescale").orElse(0));
            default -> throw new IllegalStateException("not in the table: " + schedule.name());
        };
    }
}
