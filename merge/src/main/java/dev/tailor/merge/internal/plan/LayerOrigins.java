package dev.tailor.merge.internal.plan;

import java.util.List;

/// Which layer of which model each layer of the output takes its place after.
record LayerOrigins(List<Origin> origins) {
    /// A layer of a model.
    record Origin(int model, int layer) {}

    /// Adds a layer; returns its number in the output.
    int next(int model, int layer) {
        origins.add(new Origin(model, layer));
        return origins.size() - 1;
    }
}
