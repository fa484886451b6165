package dev.tailor.train.internal.loop;

import dev.tailor.core.Digest;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.Torch;
import dev.tailor.train.Objective;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;
import dev.tailor.train.distillation.Teaching;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/// Identifies everything that decides how a run goes, so that a checkpoint is only ever continued
/// by the run it belongs to. How often is measured and saved does not count.
final class Fingerprint {
    private Fingerprint() {}

    static String of(TrainRequest request, String baseDigest, String dataKey) {
        TrainSettings s = request.settings();
        return Digest.ofString(
                String.join(
                        "\n",
                        baseDigest,
                        dataKey,
                        objective(request.objective()),
                        tuning(request.tuning()),
                        "rows %d positions, %d a pass, %d passes"
                                .formatted(
                                        s.sequenceLength(),
                                        s.batchSize(),
                                        s.gradientAccumulation()),
                        "%s epochs, %s steps".formatted(s.epochs(), s.maxSteps()),
                        "rate %s %s %s".formatted(s.learningRate(), s.schedule(), s.warmup()),
                        "%s clip %s".formatted(s.optimizer(), s.maxGradNorm()),
                        s.precision().name(),
                        Torch.device().name(),
                        s.refinements().toString(),
                        request.seed().toString()));
    }

    /// Places do not count: what is there counts by its digest.
    private static String objective(Objective objective) {
        return objective instanceof Objective.Distillation d
                ? "distil %s %s %s at %s, %s %s, %s"
                        .formatted(
                                d.pack(),
                                d.trainOn(),
                                d.losses(),
                                d.temperature(),
                                d.hidden(),
                                d.projects(),
                                d.teaching() instanceof Teaching.Stored s
                                        ? "%d %s %s".formatted(s.top(), s.missing(), s.precision())
                                        : "online")
                : objective.toString();
    }

    private static String tuning(Tuning tuning) {
        return switch (tuning) {
            case Tuning.Full full -> full.toString();
            case Tuning.Lora lora -> lora(lora.config()) + " " + adapter(tuning);
            case Tuning.Qlora qlora ->
                    "q%s double %s".formatted(tuning(qlora.lora()), qlora.doubleQuantisation());
            case Tuning.Spectrum spectrum ->
                    "spectrum %s %s %s"
                            .formatted(
                                    spectrum.topPercent(),
                                    spectrum.types(),
                                    spectrum.file().map(Digest::ofFile));
        };
    }

    /// The patterns in order: an immutable map has another one in every process.
    private static String lora(LoraConfig config) {
        return "lora %d %s %s %s %s %s %s %s"
                .formatted(
                        config.rank(),
                        config.alpha(),
                        config.dropout(),
                        config.rsLora(),
                        config.targets(),
                        new TreeMap<>(config.rankPattern()),
                        new TreeMap<>(config.alphaPattern()),
                        config.variant());
    }

    /// What the model answers with before it learns, beside its base: the adapter a run goes on
    /// from, and whether weights are in 4 bits.
    static String adapter(Tuning tuning) {
        return switch (tuning) {
            case Tuning.Lora lora -> lora.continueFrom().map(Fingerprint::digest).orElse("fresh");
            case Tuning.Qlora qlora ->
                    "nf4 %s %s".formatted(qlora.doubleQuantisation(), adapter(qlora.lora()));
            case Tuning.Full full -> "none";
            case Tuning.Spectrum spectrum -> "none";
        };
    }

    private static String digest(Path adapter) {
        Path weights = adapter.resolve("adapter_model.safetensors");
        return Files.isRegularFile(weights) ? Digest.ofFile(weights) : "missing";
    }
}
