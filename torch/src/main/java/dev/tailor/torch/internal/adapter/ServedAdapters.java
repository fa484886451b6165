package dev.tailor.torch.internal.adapter;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.internal.nn.LoraWeights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Adapters that stand beside one model at once, each for its own rows of a batch.
public final class ServedAdapters implements AutoCloseable {
    private final Host host;
    private final List<Adapter> adapters = new ArrayList<>();

    /// None yet.
    public ServedAdapters(Host host) {
        this.host = host;
    }

    /// Reads one; its number counts from 1.
    ///
    /// @throws TailorException MODEL_INVALID where it is more than low-rank matrices beside linear
    ///   layers
    public int add(Path directory) {
        Adapter adapter = PeftFiles.read(directory, host);
        Optional<String> obstacle = obstacle(adapter);
        if (obstacle.isPresent()) {
            // Whole modules of it stand in the model's place: the model's go back there.
            adapter.enabled(false);
            adapter.close();
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "this adapter cannot share a batch with others: " + obstacle.get())
                    .at(directory)
                    .remedy("fuse it (tailor adapter merge BASE ADAPTER OUT) and serve that model");
        }
        adapters.add(adapter);
        int number = adapters.size();
        host.decoder()
                .serveAdapter(
                        number,
                        adapter.layers(),
                        module -> adapter.config().scaleOf(module, rank(adapter, module)));
        return number;
    }

    private static long rank(Adapter adapter, String module) {
        LoraWeights weights = adapter.layers().get(module);
        return weights == null ? 0 : weights.rank();
    }

    private static Optional<String> obstacle(Adapter adapter) {
        Map<String, LoraWeights> layers = adapter.layers();
        if (!adapter.saved().isEmpty()) {
            return Optional.of("it holds whole modules (modules_to_save)");
        }
        if (layers.containsKey(Host.EMBEDDING)) {
            return Optional.of("it adapts the embedding");
        }
        if (layers.values().stream().anyMatch(weights -> weights.magnitude().isPresent())) {
            return Optional.of("it has magnitudes (DoRA)");
        }
        // Experts see rows in an order of their own.
        return layers.keySet().stream().anyMatch(name -> name.contains(".experts."))
                ? Optional.of("it adapts experts")
                : Optional.empty();
    }

    @Override
    public void close() {
        if (!adapters.isEmpty()) {
            host.decoder().serveNoAdapters();
        }
        adapters.forEach(Adapter::close);
        adapters.clear();
    }
}
