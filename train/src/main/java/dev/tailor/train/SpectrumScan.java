package dev.tailor.train;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.core.VectorApi;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.train.internal.spectrum.ModuleName;
import dev.tailor.train.internal.spectrum.SignalToNoise;
import dev.tailor.train.internal.spectrum.Workers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The signal-to-noise ratio of a model's weight matrices (Spectrum, arXiv 2406.06623), scored as
/// the reference `spectrum.py` does, and the choice of layers worth training.
///
/// A module's type is its path after the layer number (`mlp.down_proj`), or its whole path outside
/// the layers (`lm_head`). Vectors such as norm weights always score 1.
///
/// @param scores by type in alphabetical order, within a type by layer
public record SpectrumScan(List<Score> scores) {
    public SpectrumScan {
        scores = List.copyOf(scores);
    }

    /// The ratio of one module (its name without `.weight`).
    public record Score(String module, String type, double snr) {}

    /// Scans a model directory.
    ///
    /// @param types the types to scan; empty for every matrix inside a layer
    /// @throws TailorException `CONFIG_INVALID` for a type the model does not have, `MODEL_INVALID`
    ///   for a weight that is not a number
    public static SpectrumScan of(
            Path model,
            List<String> types,
            String stage,
            Event.Listener listener,
            Cancellation cancellation) {
        VectorApi.require();
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            List<ModuleName> modules = chosen(checkpoint, types, model);
            double[] ratios =
                    Workers.measure(
                            modules.size(),
                            i -> ratio(checkpoint, modules.get(i)),
                            done ->
                                    listener.on(
                                            new Event.Step(stage, done, modules.size(), Map.of())),
                            cancellation);
            List<Score> scores = new ArrayList<>();
            for (int i = 0; i < ratios.length; i++) {
                ModuleName module = modules.get(i);
                scores.add(new Score(module.module(), module.type(), ratios[i]));
            }
            return new SpectrumScan(scores);
        }
    }

    /// The types of a model's modules, in alphabetical order.
    public static List<String> types(Path model) {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            return List.copyOf(types(modules(checkpoint)));
        }
    }

    private static TreeSet<String> types(List<ModuleName> modules) {
        TreeSet<String> types = new TreeSet<>();
        modules.forEach(module -> types.add(module.type()));
        return types;
    }

    private static List<ModuleName> modules(Checkpoint checkpoint) {
        checkpoint.tensors().stream()
                .filter(info -> info.name().contains(".experts.") && info.shape().size() == 3)
                .findFirst()
                .ifPresent(stacked -> {
                    throw TailorException.of(
                                    ErrorCode.MODEL_INVALID,
                                    "experts that are stacked in one tensor cannot be scanned")
                            .at(checkpoint.path() + ": " + stacked.name())
                            .remedy("write the model once with transformers' save_pretrained");
                });
        return checkpoint.tensors().stream()
                .filter(info -> info.name().endsWith(".weight") && info.dtype().isFloat())
                .filter(info -> info.shape().size() == 1 || info.shape().size() == 2)
                .map(info -> ModuleName.ofWeight(info.name()))
                .sorted(
                        Comparator.comparing(ModuleName::type)
                                .thenComparing(ModuleName::layer)
                                .thenComparing(ModuleName::module))
                .toList();
    }

    private static List<ModuleName> chosen(Checkpoint checkpoint, List<String> types, Path model) {
        List<ModuleName> modules = modules(checkpoint);
        if (types.isEmpty()) {
            return modules.stream()
                    .filter(module ->
                            module.layer() >= 0
                                    && checkpoint.info(module.weight()).shape().size() == 2)
                    .toList();
        }
        TreeSet<String> known = types(modules);
        for (String type : types) {
            if (!known.contains(type)) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "the model has no layers of type '" + type + "'")
                        .at(model)
                        .remedy(Suggestion.advice(type, known));
            }
        }
        return modules.stream().filter(module -> types.contains(module.type())).toList();
    }

    private static double ratio(Checkpoint checkpoint, ModuleName module) {
        TensorInfo info = checkpoint.info(module.weight());
        float[] weights = Conversions.toFloats(info.dtype(), checkpoint.data(info.name()));
        boolean vector = info.shape().size() == 1;
        int rows = vector ? 1 : Math.toIntExact(info.shape().getFirst());
        int columns = Math.toIntExact(info.shape().getLast());
        for (float weight : weights) {
            if (!Float.isFinite(weight)) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "the tensor holds a weight that is not a number")
                        .at(info.name())
                        .remedy("the model is damaged, or its training diverged");
            }
        }
        return SignalToNoise.of(weights, rows, columns);
    }

    /// The best `topPercent` of each type, rounded down, best first; equal scores keep the order of
    /// the layers. A ratio that is no number (damaged weights) ranks last.
    public SpectrumSelection selection(double topPercent) {
        Map<String, List<Score>> byType = new LinkedHashMap<>();
        scores.forEach(score ->
                byType.computeIfAbsent(score.type(), type -> new ArrayList<>()).add(score));
        Map<String, List<String>> best = new LinkedHashMap<>();
        byType.forEach((type, ofType) -> {
            int count = (int) Math.floor(ofType.size() * topPercent / 100);
            best.put(
                    type,
                    ofType.stream()
                            .sorted(Comparator.comparingDouble(SpectrumScan::ascending))
                            .limit(count)
                            .map(Score::module)
                            .toList());
        });
        return SpectrumSelection.of(best);
    }

    private static double ascending(Score score) {
        return Double.isNaN(score.snr()) ? Double.POSITIVE_INFINITY : -score.snr();
    }
}
