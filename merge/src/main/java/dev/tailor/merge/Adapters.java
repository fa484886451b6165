package dev.tailor.merge;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.internal.extract.AdapterExtraction;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// LoRA adapters in PEFT's layout: merging one into its base model, and finding one that stands for
/// what a fine-tuned model learnt.
public final class Adapters {
    private Adapters() {}

    /// Writes the model that base and adapter make together. The product is taken in single
    /// precision and rounded once to the base's type.
    ///
    /// Throws [TailorException] with [ErrorCode#MODEL_INVALID] if the adapter does not fit.
    public static MergeResult merge(
            Path base,
            Path adapter,
            Path output,
            MergeOptions options,
            Event.Listener listener,
            Cancellation cancellation) {
        return Merge.run(plan(base, adapter), output, options, listener, cancellation);
    }

    /// The plan of that merge.
    public static MergePlan plan(Path base, Path adapter) {
        Location nowhere = new Location(base, 0, 0);
        String text = base + "+" + adapter;
        Map<String, YamlNode.Entry> source = new LinkedHashMap<>();
        source.put("merge_method", entry(nowhere, "passthrough"));
        source.put(
                "models",
                new YamlNode.Entry(
                        nowhere,
                        new YamlNode.Sequence(
                                nowhere,
                                List.of(
                                        new YamlNode.Mapping(
                                                nowhere, Map.of("model", entry(nowhere, text)))))));
        return Merge.plan(
                MergeConfig.read(new YamlNode.Mapping(nowhere, source)),
                name ->
                        name.equals(base.toString())
                                ? Optional.of(base)
                                : name.equals(adapter.toString())
                                        ? Optional.of(adapter)
                                        : Optional.empty());
    }

    private static YamlNode.Entry entry(Location place, String text) {
        return new YamlNode.Entry(place, new YamlNode.Scalar(place, text, text));
    }

    /// Writes an adapter that brings the base as near to the tuned model as factors of these ranks
    /// can (truncated singular value decomposition of each linear layer's difference).
    ///
    /// Throws [TailorException] with [ErrorCode#MODEL_INVALID] if the models differ in shape, or in
    /// no linear layer.
    public static ExtractedAdapter extract(
            Path base,
            Path tuned,
            Path output,
            ExtractionOptions options,
            Event.Listener listener,
            Cancellation cancellation) {
        return new AdapterExtraction(base, tuned, options, listener, cancellation).write(output);
    }
}
