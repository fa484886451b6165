package dev.tailor.merge;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.yaml.Yaml;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The recorded merges.
final class Golden {
    static final Path ROOT =
            Path.of(System.getProperty("tailor.root")).resolve("merge/src/test/resources/golden");

    private Golden() {}

    static MergePlan plan(String name) {
        return Merge.plan(
                MergeConfig.read(ROOT.resolve(name).resolve("config.yml")),
                ModelResolver.in(List.of(ROOT)));
    }

    static MergePlan planOf(String yaml) {
        return Merge.plan(
                MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml).getFirst()),
                ModelResolver.in(List.of(ROOT)));
    }

    static MergeResult run(MergePlan plan, Path output, MergeOptions options) {
        return Merge.run(plan, output, options, Event.Listener.none(), Cancellation.never());
    }

    /// The recorded output: with ties resolved lowest index first, where that matters.
    static Path expected(String name) {
        Path stable = ROOT.resolve(name).resolve("out-stable");
        return Files.isDirectory(stable) ? stable : ROOT.resolve(name).resolve("out");
    }
}
