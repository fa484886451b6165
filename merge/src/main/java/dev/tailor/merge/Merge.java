package dev.tailor.merge;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.merge.internal.chain.ChainPlanner;
import dev.tailor.merge.internal.chain.ChainRun;
import dev.tailor.merge.internal.plan.Planner;
import dev.tailor.merge.internal.run.MergeRun;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Merges models: a configuration becomes a plan, a plan becomes a model directory.
///
/// Inputs are read piece by piece and each piece of the output is written at its final place, so
/// memory depends neither on the number of models nor on their size.
public final class Merge {
    private Merge() {}

    /// Plans a merge that a file describes. Paths in it are sought beside the file, then in the
    /// working directory.
    public static MergePlan plan(Path configYaml) {
        return plan(MergeConfig.read(configYaml), resolver(configYaml));
    }

    /// Plans a merge: reads the models' headers, checks that everything fits, reads no tensor.
    ///
    /// Throws [TailorException] with [ErrorCode#CONFIG_INVALID], [ErrorCode#MODEL_INVALID],
    /// [ErrorCode#FILE_NOT_FOUND] or [ErrorCode#FILE_CORRUPT].
    public static MergePlan plan(MergeConfig config, ModelResolver resolver) {
        return Planner.plan(config, resolver);
    }

    /// Plans merges that build on one another, in the order of the chain, before any of them is
    /// made. Models that the plans read may not exist yet.
    public static List<MergePlan> plan(MergeChain chain, ModelResolver resolver) {
        return ChainPlanner.plan(chain, resolver);
    }

    /// Makes merges that build on one another. All are planned before the first is made.
    /// Intermediate results stand in `<output>.intermediates`; those that are there from an earlier
    /// run and unchanged are used again.
    ///
    /// @param keepIntermediates whether they stay when all is done
    public static MergeResult run(
            MergeChain chain,
            ModelResolver resolver,
            Path output,
            MergeOptions options,
            boolean keepIntermediates,
            Event.Listener listener,
            Cancellation cancellation) {
        return new ChainRun(chain, resolver, options, listener, cancellation)
                .write(output, keepIntermediates);
    }

    /// Where paths in a merge's file are sought: beside the file, then in the working directory.
    public static ModelResolver resolver(Path configYaml) {
        Path beside = Optional.ofNullable(configYaml.toAbsolutePath().getParent()).orElseThrow();
        return ModelResolver.in(List.of(beside, Path.of("").toAbsolutePath()));
    }

    /// Carries out a plan. The output directory appears at the end, complete, in place of what was
    /// there. A merge that failed or was killed is gone on with by the next one of the same plan
    /// and output: tensors that were finished are not made again.
    ///
    /// Throws [TailorException] with [ErrorCode#DISK_FULL], [ErrorCode#INTERRUPTED] or
    /// [ErrorCode#FILE_CORRUPT].
    public static MergeResult run(
            MergePlan plan,
            Path output,
            MergeOptions options,
            Event.Listener listener,
            Cancellation cancellation) {
        long start = System.nanoTime();
        MergeRun run = new MergeRun(plan, options, listener, cancellation);
        AtomicWrite.resumableDirectory(output, options.forced(), run::write);
        run.explain((System.nanoTime() - start) * 1e-9);
        return new MergeResult(
                output,
                plan.tensors().size(),
                plan.parameters(),
                plan.outputBytes(),
                (System.nanoTime() - start) * 1e-9,
                plan.notes());
    }
}
