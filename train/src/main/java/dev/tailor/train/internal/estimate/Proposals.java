package dev.tailor.train.internal.estimate;

import dev.tailor.torch.Activations;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.Precision;
import dev.tailor.train.Memory;
import dev.tailor.train.Proposal;
import dev.tailor.train.Target;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;
import dev.tailor.train.internal.loop.Session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Settings that fit, near the ones asked for: for each way of tuning and number format the largest
/// pass, with as many rows a step as before, rather with activations kept than computed again.
public final class Proposals {
    private static final int RANK = 16;

    private final TrainRequest request;
    private final Session session;
    private final Target target;
    private final long positions;
    private final Time time;

    /// Training time with some settings, where it can be computed.
    @FunctionalInterface
    public interface Time {
        OptionalDouble of(TrainSettings settings, ModelSize size);
    }

    /// @param positions of the largest pass of the request
    public Proposals(
            TrainRequest request, Session session, Target target, long positions, Time time) {
        this.request = request;
        this.session = session;
        this.target = target;
        this.positions = positions;
        this.time = time;
    }

    /// One for each way that fits; none where nothing does.
    public List<Proposal> all() {
        List<Proposal> proposals = new ArrayList<>();
        tunings()
                .forEach((text, tuning) -> {
                    ModelSize size =
                            ModelSize.of(request.with(tuning, request.settings()), session);
                    for (Precision precision : precisions()) {
                        fitting(text, size, precision).ifPresent(proposals::add);
                    }
                });
        return List.copyOf(proposals);
    }

    /// By what is to be written as `tune`; empty for the one asked for.
    private Map<String, Tuning> tunings() {
        Map<String, Tuning> tunings = new LinkedHashMap<>();
        tunings.put("", request.tuning());
        Tuning.Lora fresh = Tuning.Lora.fresh(LoraConfig.of(RANK, 2 * RANK));
        switch (request.tuning()) {
            case Tuning.Full full -> tunings.put("{lora: {rank: 16}}", fresh);
            case Tuning.Spectrum spectrum -> tunings.put("{lora: {rank: 16}}", fresh);
            case Tuning.Lora lora -> {}
            case Tuning.Qlora qlora -> {
                return tunings;
            }
        }
        tunings.put("{qlora: {rank: 16}}", new Tuning.Qlora(fresh, true));
        return tunings;
    }

    private List<Precision> precisions() {
        return request.settings().precision() == Precision.FLOAT32
                ? List.of(Precision.FLOAT32, Precision.BFLOAT16)
                : List.of(Precision.BFLOAT16);
    }

    private Optional<Proposal> fitting(String tune, ModelSize size, Precision precision) {
        TrainSettings asked = request.settings();
        int rows = asked.batchSize() * asked.gradientAccumulation();
        for (int batch = asked.batchSize(); batch >= 1; batch /= 2) {
            for (Activations kept : Activations.values()) {
                boolean asksForLess =
                        asked.activations() == Activations.RECOMPUTE && kept == Activations.KEEP;
                int accumulation = (rows + batch - 1) / batch;
                TrainSettings settings = asked.withPasses(batch, accumulation, precision, kept);
                long pass = (positions * batch + asked.batchSize() - 1) / asked.batchSize();
                Memory memory =
                        MemoryModel.of(
                                request.with(request.tuning(), settings), size, pass, target);
                if (!asksForLess && memory.step() <= target.memoryBytes()) {
                    return Optional.of(
                            new Proposal(changes(tune, settings), memory, time.of(settings, size)));
                }
            }
        }
        return Optional.empty();
    }

    private Map<String, String> changes(String tune, TrainSettings settings) {
        TrainSettings asked = request.settings();
        Map<String, String> changes = new LinkedHashMap<>();
        if (!tune.isEmpty()) {
            changes.put("tune", tune);
        }
        if (settings.precision() != asked.precision()) {
            changes.put("precision", "bfloat16");
        }
        if (settings.batchSize() != asked.batchSize()) {
            changes.put("batch-size", Integer.toString(settings.batchSize()));
        }
        if (settings.gradientAccumulation() != asked.gradientAccumulation()) {
            changes.put("gradient-accumulation", Integer.toString(settings.gradientAccumulation()));
        }
        if (settings.activations() != asked.activations()) {
            changes.put("activations", "recompute");
        }
        return changes;
    }
}
