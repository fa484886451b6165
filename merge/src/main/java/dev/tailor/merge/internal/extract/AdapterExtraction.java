package dev.tailor.merge.internal.extract;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.merge.ExtractedAdapter;
import dev.tailor.merge.ExtractionOptions;
import dev.tailor.merge.RankRule;
import dev.tailor.merge.internal.kernel.MatrixKernels;
import dev.tailor.merge.internal.svd.LowRank;
import dev.tailor.merge.internal.tile.Workers;
import dev.tailor.tensors.TensorInfo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/// Finds the adapter between two models, tensor by tensor, on all cores: one matrix a core, so that
/// memory is a few matrices and the factors found.
public record AdapterExtraction(
        Path base,
        Path tuned,
        ExtractionOptions options,
        Event.Listener listener,
        Cancellation cancellation) {
    private static final String STAGE = "extract";

    /// The matrices of the layers are linear; embeddings and the head are not adapted.
    private static final Pattern LINEAR =
            Pattern.compile(".*(?:layers|h|blocks|block|layer)\\.\\d+\\..+\\.weight");

    /// A mixture's router is a matrix, but no linear module that PEFT could adapt.
    private static final Pattern ROUTER = Pattern.compile(".*\\.(?:gate|router)\\.weight");

    /// Writes the adapter's directory.
    public ExtractedAdapter write(Path output) {
        try (ModelPair pair = ModelPair.open(base, tuned);
                Workers workers = new Workers(options.threads())) {
            List<TensorInfo> tensors =
                    pair.before().tensors().stream()
                            .filter(info -> info.dtype().isFloat())
                            .toList();
            List<Finding> findings = findings(pair, tensors, workers);
            Map<String, LowRank> factors = new LinkedHashMap<>();
            List<String> whole = new ArrayList<>();
            for (int i = 0; i < tensors.size(); i++) {
                String name = tensors.get(i).name();
                findings.get(i).factors().ifPresent(found -> factors.put(module(name), found));
                if (findings.get(i).isChangedOtherwise()) {
                    whole.add(name);
                }
            }
            requireSomething(factors, whole);
            SavedModules saved =
                    options.saveModules()
                            ? SavedModules.of(whole, factors.keySet(), pair)
                            : SavedModules.none();
            ExtractedAdapter result =
                    new ExtractedAdapter(
                            output,
                            factors.entrySet().stream().map(AdapterExtraction::module).toList(),
                            List.copyOf(saved.tensors().keySet()),
                            options.saveModules() ? List.of() : whole,
                            notes(pair, factors, whole));
            AtomicWrite.directory(
                    output,
                    directory ->
                            new AdapterWriter(pair, options, result, factors, saved)
                                    .write(directory));
            return result;
        }
    }

    /// What became of one tensor.
    private record Finding(Optional<LowRank> factors, boolean isChangedOtherwise) {}

    private List<Finding> findings(ModelPair pair, List<TensorInfo> tensors, Workers workers) {
        Finding[] found = new Finding[tensors.size()];
        long linear =
                tensors.stream()
                        .filter(AdapterExtraction::isLinear)
                        .mapToLong(TensorInfo::elements)
                        .sum();
        MatrixKernels kernels = MatrixKernels.forElements(linear);
        AtomicInteger done = new AtomicInteger();
        workers.run(
                found.length,
                (worker, i) -> {
                    cancellation.check();
                    found[i] = finding(pair, tensors.get(i), kernels);
                    synchronized (listener) {
                        listener.on(
                                new Event.Step(
                                        STAGE, done.incrementAndGet(), found.length, Map.of()));
                    }
                });
        return List.of(found);
    }

    private Finding finding(ModelPair pair, TensorInfo info, MatrixKernels kernels) {
        if (!isLinear(info)) {
            return new Finding(Optional.empty(), pair.differs(info));
        }
        Seed seed = new Seed(options.seed()).of(info.name());
        return new Finding(
                pair.difference(info)
                        .map(matrix -> LowRank.of(matrix, options.ranks(), seed, kernels)),
                false);
    }

    private static boolean isLinear(TensorInfo info) {
        return info.shape().size() == 2
                && LINEAR.matcher(info.name()).matches()
                && !ROUTER.matcher(info.name()).matches();
    }

    private static String module(String tensor) {
        return tensor.substring(0, tensor.length() - ".weight".length());
    }

    private static ExtractedAdapter.AdaptedModule module(Map.Entry<String, LowRank> entry) {
        LowRank factors = entry.getValue();
        return new ExtractedAdapter.AdaptedModule(
                entry.getKey(),
                factors.rank(),
                factors.keptEnergy(),
                factors.largestSingularValue(),
                factors.exact());
    }

    private void requireSomething(Map<String, LowRank> factors, List<String> whole) {
        if (!factors.isEmpty()) {
            return;
        }
        throw TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        whole.isEmpty()
                                ? "both models have the same tensors"
                                : "no linear layer differs from the base, only "
                                        + ModelPair.listed(whole))
                .at(tuned)
                .remedy("there is nothing to extract");
    }

    private List<String> notes(ModelPair pair, Map<String, LowRank> factors, List<String> whole) {
        List<String> notes = new ArrayList<>();
        if (!whole.isEmpty() && !options.saveModules()) {
            notes.add(
                    "%d changed tensors are no linear layers and stay as in the base (--save-modules keeps them): %s"
                            .formatted(whole.size(), ModelPair.listed(whole)));
        }
        if (!pair.added().isEmpty()) {
            notes.add(
                    "%d tensors that only the tuned model has are left out: %s"
                            .formatted(pair.added().size(), ModelPair.listed(pair.added())));
        }
        if (options.ranks() instanceof RankRule.Energy(double share, int maxRank)) {
            long capped =
                    factors.values().stream()
                            .filter(found ->
                                    found.rank() == maxRank && found.keptEnergy() < share - 1e-9)
                            .count();
            if (capped > 0) {
                notes.add(
                        "%d of %d modules end at the highest rank, %d, with less than the energy that was asked for"
                                .formatted(capped, factors.size(), maxRank));
            }
        }
        return notes;
    }
}
