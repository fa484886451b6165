package dev.tailor.merge.internal.explain;

import dev.tailor.core.AtomicWrite;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.tensors.Converter;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Gathers what a merge does, tensor by tensor, and writes it down at the end.
public final class Explainer {
    private final MergePlan plan;
    private final MergeOptions options;
    private final MergeKernels kernels;
    private final Converter converter;
    private final List<TensorEntry> entries = new ArrayList<>();

    private Explainer(MergePlan plan, MergeOptions options) {
        this.plan = plan;
        this.options = options;
        this.kernels = MergeKernels.forElements(plan.parameters());
        this.converter = Converter.forElements(plan.parameters());
    }

    /// The explainer of a merge, if it is to be explained.
    public static Optional<Explainer> of(MergePlan plan, MergeOptions options) {
        return options.explanations().isEmpty()
                ? Optional.empty()
                : Optional.of(new Explainer(plan, options));
    }

    /// Notes a tensor whose bytes were copied.
    public void copied(MergePlan.Tensor tensor) {
        entries.add(new TensorEntry(tensor, TensorEntry.Action.COPIED, Optional.empty()));
    }

    /// The measure of the next tensor.
    public TensorMeasure measure(MergePlan.Tensor tensor) {
        return new TensorMeasure(tensor, kernels, converter, entries::add);
    }

    /// Writes every file.
    ///
    /// @param seconds that the merge took
    public void write(double seconds) {
        Explanation explanation = new Explanation(plan, options, seconds, entries);
        for (Path file : options.explanations()) {
            AtomicWrite.text(
                    file,
                    file.toString().endsWith(".json")
                            ? JsonForm.of(explanation)
                            : HtmlPage.of(explanation));
        }
    }
}
