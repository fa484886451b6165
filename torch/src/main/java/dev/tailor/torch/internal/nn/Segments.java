package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The sequences of a packed batch, those of equal length put together so that attention can treat
/// them as one batch.
record Segments(List<Group> groups, int[] lengths) {
    /// `count` segments of `length` positions. If they lie one after another in the batch they
    /// start at `start`; otherwise `rows` holds the indices of their positions.
    record Group(int count, int length, int start, int[] rows) {
        private boolean contiguous() {
            return start >= 0;
        }

        /// The rows of the group out of `[positions, width]`, as `[count, length, width]` of a
        /// type.
        Tensor gather(Tensor flat, ScalarType type) {
            Tensor picked =
                    contiguous()
                            ? flat.narrow(0, start, (long) count * length)
                            : flat.index_select(0, Tensors.indices(rows));
            return Tensors.cast(picked, type).view(count, length, flat.size(1));
        }

        /// Puts `[count · length, width]` back into `[positions, width]`, in the type of the
        /// latter.
        void scatter(Tensor rows2, Tensor flat) {
            if (contiguous()) {
                flat.narrow(0, start, (long) count * length).copy_(rows2);
            } else {
                flat.index_copy_(0, Tensors.indices(rows), Tensors.cast(rows2, flat.scalar_type()));
            }
        }
    }

    /// Groups segments by length.
    static Segments of(int[] lengths) {
        Map<Integer, List<Integer>> starts = new TreeMap<>();
        int position = 0;
        for (int length : lengths) {
            starts.computeIfAbsent(length, l -> new ArrayList<>()).add(position);
            position += length;
        }
        List<Group> groups = new ArrayList<>();
        starts.forEach((length, at) -> groups.add(group(length, at)));
        return new Segments(List.copyOf(groups), lengths);
    }

    private static Group group(int length, List<Integer> starts) {
        int[] rows = new int[starts.size() * length];
        boolean contiguous = true;
        for (int s = 0; s < starts.size(); s++) {
            contiguous &= starts.get(s) == starts.getFirst() + s * length;
            for (int i = 0; i < length; i++) {
                rows[s * length + i] = starts.get(s) + i;
            }
        }
        return new Group(starts.size(), length, contiguous ? starts.getFirst() : -1, rows);
    }

    /// Whether all rows belong to one group, so that nothing needs to be gathered.
    boolean isUniform() {
        return groups.size() == 1;
    }
}
