package dev.tailor.export.internal.gguf;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.export.ExportResult;
import dev.tailor.export.GgufOptions;
import dev.tailor.export.ModelCard;
import dev.tailor.export.internal.tokenizer.TokenizerFiles;
import dev.tailor.export.internal.tokenizer.TokenizerMetadata;
import dev.tailor.tensors.GgmlType;
import dev.tailor.tensors.GgufFile;
import dev.tailor.tensors.GgufTensor;
import dev.tailor.tensors.GgufValue;
import dev.tailor.tensors.GgufWriter;
import dev.tailor.tensors.ModelDirectory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Writes one model as one GGUF file.
public final class GgufExporter {
    private static final String STAGE = "export";

    /// A multiple of every type's block.
    private static final int ENCODED_AT_ONCE = 1 << 14;

    private final ModelDirectory model;
    private final GgufOptions options;
    private final Event.Listener listener;
    private final Cancellation cancellation;
    private final ModelConfig config;
    private final List<ModelTensors.Mapping> mappings;
    private final StorageMix storage;
    private final List<String> notes = new ArrayList<>();

    private GgufExporter(
            ModelDirectory model,
            GgufOptions options,
            Event.Listener listener,
            Cancellation cancellation) {
        this.model = model;
        this.options = options;
        this.listener = listener;
        this.cancellation = cancellation;
        config = ModelConfig.of(model.config(), model.path().resolve("config.json"));
        mappings = ModelTensors.of(config, model.checkpoint());
        storage = new StorageMix(options.type(), config);
    }

    /// Writes the file, reads it back, and only then gives it its name.
    public static ExportResult export(
            Path directory,
            GgufOptions options,
            Path file,
            Event.Listener listener,
            Cancellation cancellation) {
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            return new GgufExporter(model, options, listener, cancellation).export(file);
        }
    }

    private ExportResult export(Path file) {
        TokenizerFiles files = TokenizerFiles.read(model.path());
        TokenizerMetadata tokenizer =
                TokenizerMetadata.of(files, config.vocabularySize(), options.preTokenizer());
        Map<String, GgufValue> metadata = metadata();
        metadata.putAll(tokenizer.values());
        notes.addAll(tokenizer.notes());
        notes.forEach(note -> listener.on(new Event.Note(STAGE, note, true)));
        List<GgufTensor> layout = layout();
        List<ReadBack> comparison = new ArrayList<>();
        AtomicWrite.file(
                file,
                path -> {
                    write(path, metadata, layout);
                    comparison.add(compare(path));
                });
        return result(file, layout, comparison.getFirst(), tokenizer);
    }

    private Map<String, GgufValue> metadata() {
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("general.type", GgufValue.text("model"));
        metadata.put(
                "general.name",
                GgufValue.text(
                        options.name()
                                .orElseGet(() ->
                                        model.path()
                                                .toAbsolutePath()
                                                .normalize()
                                                .getFileName()
                                                .toString())));
        ModelCard.licenseOf(model.path())
                .ifPresent(license -> metadata.put("general.license", GgufValue.text(license)));
        metadata.put("general.file_type", GgufValue.uint32(options.type().fileType()));
        metadata.put("general.quantization_version", GgufValue.uint32(2));
        ArchitectureMetadata.add(config, metadata, notes);
        return metadata;
    }

    private List<GgufTensor> layout() {
        List<GgufTensor> layout = new ArrayList<>();
        ropeFactors()
                .forEach((name, factors) ->
                        layout.add(
                                new GgufTensor(
                                        name, GgmlType.F32, List.of((long) factors.length))));
        for (ModelTensors.Mapping mapping : mappings) {
            GgmlType type = storage.of(mapping.target(), mapping.shape());
            layout.add(new GgufTensor(mapping.target(), type, mapping.shape()));
        }
        return layout;
    }

    private Map<String, float[]> ropeFactors() {
        return config.ropeScaling().tensors(config.ropeDimensions(), config.ropeTheta());
    }

    private void write(Path path, Map<String, GgufValue> metadata, List<GgufTensor> layout) {
        try (GgufWriter writer = GgufWriter.create(path, metadata, layout)) {
            ropeFactors()
                    .forEach((name, factors) ->
                            writer.write(name, 0, encode(GgmlType.F32, factors, factors.length)));
            long done = 0;
            for (ModelTensors.Mapping mapping : mappings) {
                cancellation.check();
                write(writer, mapping);
                done++;
                listener.on(new Event.Step(STAGE, done, mappings.size(), Map.of()));
            }
            writer.finish();
        }
    }

    private void write(GgufWriter writer, ModelTensors.Mapping mapping) {
        GgmlType type = storage.of(mapping.target(), mapping.shape());
        TensorStream.read(
                model.checkpoint(),
                mapping,
                (first, values, count) -> {
                    checkRange(mapping, type, values, count);
                    writer.write(mapping.target(), type.bytes(first), encode(type, values, count));
                });
    }

    /// Encodes on all processors: blocks are independent of each other.
    private static MemorySegment encode(GgmlType type, float[] values, int count) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) type.bytes(count)]);
        IntStream.range(0, Math.ceilDiv(count, ENCODED_AT_ONCE))
                .parallel()
                .forEach(part -> {
                    int from = part * ENCODED_AT_ONCE;
                    int n = Math.min(ENCODED_AT_ONCE, count - from);
                    type.encode(values, from, n, bytes.asSlice(type.bytes(from)));
                });
        return bytes;
    }

    private static void checkRange(
            ModelTensors.Mapping mapping, GgmlType type, float[] values, int count) {
        float largest = type == GgmlType.F16 ? 65504 : Float.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            float size = Math.abs(values[i]);
            if (!(size <= Float.MAX_VALUE)) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID, "holds a weight that is not a number")
                        .at(mapping.source());
            }
            if (size > largest) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "holds the weight " + values[i] + ", too large for f16")
                        .at(mapping.source())
                        .remedy("export as bf16, f32 or q8_0");
            }
        }
    }

    private ReadBack compare(Path path) {
        try (GgufFile written = GgufFile.open(path)) {
            return ReadBack.compare(written, model.checkpoint(), mappings, cancellation);
        }
    }

    private ExportResult result(
            Path file, List<GgufTensor> layout, ReadBack comparison, TokenizerMetadata tokenizer) {
        Map<GgmlType, Integer> tensors = new EnumMap<>(GgmlType.class);
        layout.forEach(tensor -> tensors.merge(tensor.type(), 1, Integer::sum));
        try {
            return new ExportResult(
                    file,
                    options.type(),
                    Files.size(file),
                    layout.stream().mapToLong(GgufTensor::elements).sum(),
                    tensors,
                    comparison.maxAbsoluteError(),
                    comparison.relativeError(),
                    tokenizer.kind(),
                    tokenizer.preTokenizer(),
                    tokenizer.paddedRows(),
                    notes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
