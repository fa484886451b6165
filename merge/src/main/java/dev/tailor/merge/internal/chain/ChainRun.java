package dev.tailor.merge.internal.chain;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.Event;
import dev.tailor.merge.Merge;
import dev.tailor.merge.MergeChain;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.MergeResult;
import dev.tailor.merge.ModelResolver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Makes the merges of a chain one after the other. Intermediate results stand in a directory
/// beside the output, each with a digest of what it was made from: after an interruption those that
/// are complete are used again, unless the configuration, the options or a model has changed.
public final class ChainRun {
    private static final String STAGE = "merge";

    private final MergeChain chain;
    private final ModelResolver resolver;
    private final MergeOptions options;
    private final Event.Listener listener;
    private final Cancellation cancellation;
    private final Map<String, Path> results = new HashMap<>();
    private final Map<Path, String> digests = new HashMap<>();

    /// A run of a chain.
    public ChainRun(
            MergeChain chain,
            ModelResolver resolver,
            MergeOptions options,
            Event.Listener listener,
            Cancellation cancellation) {
        this.chain = chain;
        this.resolver = resolver;
        this.options = options;
        this.listener = listener;
        this.cancellation = cancellation;
    }

    /// Writes the output, and the intermediate results, which are removed at the end unless
    /// `keepIntermediates`.
    public MergeResult write(Path output, boolean keepIntermediates) {
        if (!chain.intermediates().isEmpty()) {
            ChainPlanner.plan(chain, resolver);
        }
        Path work = workOf(output);
        for (MergeChain.Link link : chain.intermediates()) {
            make(link, work);
        }
        MergeResult result = Merge.run(plan(chain.last()), output, options, listener, cancellation);
        if (!keepIntermediates && !chain.intermediates().isEmpty()) {
            AtomicWrite.deleteTree(work);
        }
        return result;
    }

    /// Where the intermediate results of an output stand.
    public static Path workOf(Path output) {
        return output.resolveSibling(output.getFileName() + ".intermediates");
    }

    private MergePlan plan(MergeChain.Link link) {
        return Merge.plan(link.config(), ChainPlanner.resolving(results, resolver));
    }

    private void make(MergeChain.Link link, Path work) {
        Path directory = work.resolve(link.name());
        Path digestFile = work.resolve(link.name() + ".sha256");
        MergePlan plan = plan(link);
        String digest = digest(plan);
        if (Files.isDirectory(directory) && digest.equals(read(digestFile))) {
            note("the merge '" + link.name() + "' is unchanged: used again from " + directory);
        } else {
            note("making the merge '" + link.name() + "'");
            AtomicWrite.deleteTree(digestFile);
            MergeOptions unexplained = options.withExplanations(List.of());
            Merge.run(plan, directory, unexplained, listener, cancellation);
            AtomicWrite.text(digestFile, digest);
        }
        results.put(link.name(), directory);
        digests.put(directory, digest);
    }

    private void note(String text) {
        listener.on(new Event.Note(STAGE, text, false));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A digest of all that a result depends on. Models are known by their files' sizes and times:
    /// reading them would take as long as merging.
    private String digest(MergePlan plan) {
        StringBuilder text = new StringBuilder();
        text.append(plan.config().source().plain()).append('\n');
        text.append(options.seed()).append(' ').append(options.compat()).append(' ');
        text.append(options.maxShardBytes()).append(' ').append(options.notFinite()).append('\n');
        for (MergePlan.Model model : plan.models()) {
            text.append(model.reference()).append('\n').append(stateOf(model.directory()));
            model.adapter().ifPresent(path -> text.append(stateOf(path)));
        }
        return Digest.ofString(text.toString());
    }

    private String stateOf(Path directory) {
        return digests.containsKey(directory)
                ? Objects.requireNonNull(digests.get(directory))
                : filesOf(directory);
    }

    private static String filesOf(Path directory) {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> sorted = files.filter(Files::isRegularFile).sorted().toList();
            for (Path file : sorted) {
                BasicFileAttributes state = Files.readAttributes(file, BasicFileAttributes.class);
                text.append(file.toAbsolutePath())
                        .append(' ')
                        .append(state.size())
                        .append(' ')
                        .append(state.lastModifiedTime())
                        .append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
