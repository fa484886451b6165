package dev.tailor.merge.internal.run;

import dev.tailor.core.Crc32;
import dev.tailor.merge.MergePlan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The checksums of the tensors that were read, by model.
final class InputSums {
    private final List<Map<String, Crc32>> byModel = new ArrayList<>();

    InputSums(int models) {
        for (int i = 0; i < models; i++) {
            byModel.add(new TreeMap<>());
        }
    }

    /// Adds those of a tensor's inputs; that of nothing says that an input's bytes are not read as
    /// they stand in a file.
    void add(MergePlan.Tensor tensor, List<Crc32> sums) {
        for (int k = 0; k < sums.size(); k++) {
            MergePlan.Input input = tensor.inputs().get(k);
            if (sums.get(k).length() > 0) {
                byModel.get(input.model()).put(input.tensor(), sums.get(k));
            }
        }
    }

    List<Map<String, Crc32>> byModel() {
        return byModel;
    }
}
