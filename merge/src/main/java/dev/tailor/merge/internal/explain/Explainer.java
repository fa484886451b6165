package dev.tailor.merge.internal.explain;

import dev.tailor.core.AtomicWrite;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.tensors.Converter;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Gathers what a merge does, tensor by tensor, and writes it down at the end.
public final class Explainer {
    private final MergePlan plan;
    private final MergeOptions options;
    private final MergeKernels kernels;
    private final Converter converter;
    private final Map<String, TensorEntry> entries = new HashMap<>();

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

    /// The measure of a tensor that is about to be made.
    public TensorMeasure measure(MergePlan.Tensor tensor) {
        return new TensorMeasure(tensor, kernels, converter);
    }

    /// Takes what was measured of a tensor, in this run or in one that was stopped.
    ///
    /// @param measures what [TensorMeasure#sums] says; empty if its bytes were copied
    public void take(MergePlan.Tensor tensor, List<Double> measures) {
        entries.put(
                tensor.output().name(),
                measures.isEmpty()
                        ? new TensorEntry(tensor, TensorEntry.Action.COPIED, Optional.empty())
                        : new TensorEntry(
                                tensor,
                                TensorEntry.Action.of(tensor.operation()),
                                Optional.of(TensorMeasure.summary(tensor, measures))));
    }

    /// Writes every file.
    ///
    /// @param seconds that the merge took
    public void write(double seconds) {
        List<TensorEntry> inOrder =
                plan.tensors().stream()
                        .flatMap(each -> Stream.ofNullable(entries.get(each.output().name())))
                        .toList();
        Explanation explanation = new Explanation(plan, options, seconds, inOrder);
        for (Path file : options.explanations()) {
            AtomicWrite.text(
                    file,
                    file.toString().endsWith(".json")
                            ? JsonForm.of(explanation)
                            : HtmlForm.of(explanation));
        }
    }
}
