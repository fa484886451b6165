package dev.tailor.export.internal.gguf;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.export.GgufCheck;
import dev.tailor.export.internal.tokenizer.TokenizerFiles;
import dev.tailor.export.internal.tokenizer.TokenizerMetadata;
import dev.tailor.tensors.GgufFile;
import dev.tailor.tensors.GgufTensor;
import dev.tailor.tensors.GgufValue;
import dev.tailor.tensors.ModelDirectory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compares a GGUF file, from wherever, with the model it is said to be.
public final class ModelComparison {
    private static final int SHOWN = 60;

    private ModelComparison() {}

    /// Compares weights and what is said about architecture and tokenizer.
    ///
    /// @throws TailorException `MODEL_INVALID` naming the first tensor that the file lacks or has
    ///   in another shape, or that is not the model's
    public static GgufCheck.Comparison of(
            GgufFile file, Path path, Path directory, Cancellation cancellation) {
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            ModelConfig config =
                    ModelConfig.of(model.config(), model.path().resolve("config.json"));
            List<ModelTensors.Mapping> mappings = ModelTensors.of(config, model.checkpoint());
            mappings.forEach(mapping -> requireTensor(file, path, mapping));
            ReadBack weights = ReadBack.compare(file, model.checkpoint(), mappings, cancellation);
            return new GgufCheck.Comparison(
                    weights.maxAbsoluteError(),
                    weights.relativeError(),
                    differences(file.metadata(), expected(config, model)));
        }
    }

    private static void requireTensor(GgufFile file, Path path, ModelTensors.Mapping mapping) {
        Optional<GgufTensor> tensor = file.tensor(mapping.target());
        if (tensor.isEmpty() || !tensor.get().shape().equals(mapping.shape())) {
            String found = tensor.map(each -> "has the shape " + each.shape()).orElse("is missing");
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "the tensor '%s' %s; the model's has the shape %s"
                                    .formatted(mapping.target(), found, mapping.shape()))
                    .at(path)
                    .remedy("name the model that this file was made from");
        }
    }

    private static Map<String, GgufValue> expected(ModelConfig config, ModelDirectory model) {
        Map<String, GgufValue> expected = new LinkedHashMap<>();
        ArchitectureMetadata.add(config, expected, new ArrayList<>());
        TokenizerFiles files = TokenizerFiles.read(model.path());
        expected.putAll(
                TokenizerMetadata.of(files, config.vocabularySize(), Optional.empty()).values());
        return expected;
    }

    private static List<String> differences(
            Map<String, GgufValue> found, Map<String, GgufValue> expected) {
        List<String> differences = new ArrayList<>();
        expected.forEach((key, value) -> {
            GgufValue there = found.get(key);
            if (there == null) {
                differences.add(key + " is missing; the model's is " + text(value));
            } else if (!there.equals(value)) {
                differences.add(
                        "%s is %s; the model's is %s".formatted(key, text(there), text(value)));
            }
        });
        return differences;
    }

    private static String text(GgufValue value) {
        return value.toText(SHOWN);
    }
}
