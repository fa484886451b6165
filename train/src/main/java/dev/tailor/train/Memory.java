package dev.tailor.train;

import java.util.LinkedHashMap;
import java.util.Map;

/// Bytes of resident memory at the highest point of a training step, by what takes them.
///
/// @param weights the model, the adapter included; of modules that learn beside an adapter, what
///   they were before as well
/// @param lowerBits the lower halves of the float32 values of bfloat16 weights that learn
/// @param optimizer what the update rule remembers (AdamW: two moments), and moving averages
/// @param gradients those that stand beside the activations, or all where that is the higher point
/// @param activations what the largest pass keeps for the way back
/// @param workspace what single operations need for a moment: one layer, a block of logits
/// @param runtime Java, libtorch, tokenizer; on a graphics card, its own libraries
/// @param slack gaps between blocks
/// @param loading all that is resident while the weights are read: the model, and pages of its
///   files, which the system takes back where memory is short
public record Memory(
        long weights,
        long lowerBits,
        long optimizer,
        long gradients,
        long activations,
        long workspace,
        long runtime,
        long slack,
        long loading) {
    /// What will be measured: a step's highest point, or loading where that takes more.
    public long peak() {
        return Math.max(step(), loading);
    }

    /// All parts together.
    public long step() {
        return weights
                + lowerBits
                + optimizer
                + gradients
                + activations
                + workspace
                + runtime
                + slack;
    }

    /// The parts of a step that there are, by name.
    public Map<String, Long> parts() {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("weights", weights);
        parts.put("lower bits", lowerBits);
        parts.put("optimizer", optimizer);
        parts.put("gradients", gradients);
        parts.put("activations", activations);
        parts.put("workspace", workspace);
        parts.put("runtime", runtime);
        parts.put("gaps", slack);
        parts.values().removeIf(bytes -> bytes == 0);
        return parts;
    }

    /// The same after another model of so many bytes was read and asked.
    public Memory after(long model) {
        long more = Math.max(0, model + runtime - step());
        return with(weights, workspace + more, Math.max(loading, 2 * model + runtime));
    }

    /// The same beside another model of so many bytes, which is asked while this one learns.
    public Memory beside(long model, long itsWorkspace) {
        return with(weights + model, workspace + itsWorkspace, loading + 2 * model);
    }

    private Memory with(long model, long moment, long read) {
        return new Memory(
                model, lowerBits, optimizer, gradients, activations, moment, runtime, slack, read);
    }
}
