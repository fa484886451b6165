package dev.tailor.train.internal.estimate;

import dev.tailor.core.TailorException;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.torch.Activations;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.PackedBatch;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.Tuning;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.Prepared;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Arrays;
import java.util.OptionalDouble;

/// Times models of the same shape but one and two layers on the data itself; the rest of the layers
/// take as long as the second.
public final class SpeedProbe {
    /// Positions to time at least, where the data has as many.
    private static final int POSITIONS = 512;

    /// Random weights of more values than these would take longer to make than is worth it.
    private static final long MOST_PARAMETERS = 400_000_000;

    private SpeedProbe() {}

    /// Seconds per position of forward and backward pass; empty where the model is too large to be
    /// timed in passing.
    public static OptionalDouble secondsPerPosition(
            TrainRequest request, ModelSize size, Prepared data) {
        long embedding = 2L * size.config().vocabularySize() * size.config().hiddenSize();
        if (embedding > MOST_PARAMETERS) {
            return OptionalDouble.empty();
        }
        PackedBatch batch = batch(data);
        try (ModelDirectory directory = ModelDirectory.open(request.base())) {
            ObjectNode config = directory.config();
            double one = seconds(request, cut(config, 1), batch);
            double two = seconds(request, cut(config, 2), batch);
            double layer = Math.max(0, two - one);
            // a third of a layer's arithmetic are the gradients of its own weights
            double share = size.isAdapted() ? 1 : (2 + size.layerShare()) / 3;
            double rest = Math.max(0, one - layer);
            return OptionalDouble.of(
                    (rest + size.config().layers() * layer * share) / batch.size());
        } catch (TailorException e) {
            return OptionalDouble.empty();
        }
    }

    /// The first sequences of the first step.
    private static PackedBatch batch(Prepared data) {
        int[] pass = data.plan().passes(0).getFirst();
        int taken = 0;
        for (int positions = 0; taken < pass.length && positions < POSITIONS; taken++) {
            positions += data.tokens().length(pass[taken]) - 1;
        }
        return MicroBatch.of(data.tokens(), Arrays.copyOf(pass, taken)).batch();
    }

    /// A configuration of fewer layers; lists with an entry per layer are cut too.
    private static DecoderConfig cut(ObjectNode config, int layers) {
        ObjectNode shorter = config.deepCopy();
        int all = config.path("num_hidden_layers").asInt(0);
        for (String name : config.propertyNames()) {
            JsonNode value = shorter.get(name);
            if (value instanceof ArrayNode list && list.size() == all) {
                while (list.size() > layers) {
                    list.remove(list.size() - 1);
                }
            }
        }
        shorter.put("num_hidden_layers", layers);
        return DecoderConfig.of(shorter);
    }

    private static double seconds(TrainRequest request, DecoderConfig config, PackedBatch batch) {
        try (CausalModel model =
                CausalModel.initialise(
                        config, request.settings().precision(), request.seed().of("probe"))) {
            switch (request.tuning()) {
                case Tuning.Lora lora ->
                        model.addAdapter(lora.config(), request.seed().of("probe"));
                case Tuning.Qlora qlora ->
                        model.addAdapter(qlora.lora().config(), request.seed().of("probe"));
                case Tuning.Full full -> model.train(name -> true);
                case Tuning.Spectrum spectrum -> model.train(name -> true);
            }
            pass(model, batch, request.settings().activations());
            double first = pass(model, batch, request.settings().activations());
            return Math.min(first, pass(model, batch, request.settings().activations()));
        }
    }

    private static double pass(CausalModel model, PackedBatch batch, Activations activations) {
        float[] coefficients = new float[batch.size()];
        Arrays.fill(coefficients, -1f / batch.size());
        long began = System.nanoTime();
        try (ForwardPass pass = model.forward(batch, activations, 0)) {
            pass.crossEntropyBackward(coefficients);
        }
        return (System.nanoTime() - began) / 1e9;
    }
}
