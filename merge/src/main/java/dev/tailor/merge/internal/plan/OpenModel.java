package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergePlan;
import dev.tailor.merge.internal.source.AdaptedTensors;
import dev.tailor.merge.internal.source.PeftAdapter;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.node.ObjectNode;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A model of a merge with its headers read.
public record OpenModel(
        MergePlan.Model model,
        TensorSource source,
        ObjectNode config,
        Map<String, TensorInfo> infos)
        implements AutoCloseable {
    /// Opens a model; its tensors are only described.
    public static OpenModel open(MergePlan.Model model) {
        return open(model, Converter.forElements(0));
    }

    /// Opens a model whose tensors will be read through `converter`.
    public static OpenModel open(MergePlan.Model model, Converter converter) {
        ObjectNode config;
        try (ModelDirectory directory = ModelDirectory.open(model.directory())) {
            config = directory.config();
        }
        Checkpoint checkpoint = Checkpoint.open(model.directory());
        try {
            TensorSource source = new TensorSource.Stored(checkpoint, converter);
            if (model.adapter().isPresent()) {
                source = new AdaptedTensors(source, PeftAdapter.read(model.adapter().get()));
            }
            Map<String, TensorInfo> infos = new LinkedHashMap<>();
            source.tensors().forEach(info -> infos.put(info.name(), info));
            return new OpenModel(model, source, config, infos);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /// The same model with its tensors read through another source.
    OpenModel with(TensorSource other) {
        Map<String, TensorInfo> others = new LinkedHashMap<>();
        other.tensors().forEach(info -> others.put(info.name(), info));
        return new OpenModel(model, other, config, others);
    }

    ModelStructure structure() {
        return ModelStructure.of(infos.keySet());
    }

    Optional<TensorInfo> info(String name) {
        return Optional.ofNullable(infos.get(name));
    }

    @Override
    public void close() {
        source.close();
    }
}
