package dev.tailor.merge;

import dev.tailor.merge.internal.plan.OutlineBuilder;

import java.util.List;

/// A plan, short enough to read: layers that are made in the same way stand for one another.
public record PlanOutline(List<Block> blocks) {
    /// Some tensors outside of layers, or consecutive layers alike in shapes, inputs and methods.
    ///
    /// @param prefix what stands before the layers' numbers; empty outside of layers
    /// @param firstLayer the number of the first layer
    /// @param lastLayer the number of the last layer
    public record Block(String prefix, int firstLayer, int lastLayer, List<Row> rows) {
        /// Whether it is one of layers.
        public boolean isLayers() {
            return !prefix.isEmpty();
        }
    }

    /// A tensor of each of the block's layers. Only parameters may differ from layer to layer.
    ///
    /// @param name the part of its name after the layer's number, or the whole name
    /// @param first the tensor of the first layer
    /// @param last the tensor of the last layer
    public record Row(String name, MergePlan.Tensor first, MergePlan.Tensor last) {}

    /// The outline of a plan.
    public static PlanOutline of(MergePlan plan) {
        return new PlanOutline(new OutlineBuilder(plan).blocks());
    }
}
