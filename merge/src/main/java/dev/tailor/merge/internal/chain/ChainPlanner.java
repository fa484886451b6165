package dev.tailor.merge.internal.chain;

import dev.tailor.core.AtomicWrite;
import dev.tailor.merge.MergeChain;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.ModelResolver;
import dev.tailor.merge.internal.plan.Planner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Plans all merges of a chain before the first of them is made, so that whatever does not fit is
/// found at once.
public final class ChainPlanner {
    private ChainPlanner() {}

    /// The plans, in the order of the links.
    public static List<MergePlan> plan(MergeChain chain, ModelResolver resolver) {
        Map<String, Path> results = new HashMap<>();
        List<MergePlan> plans = new ArrayList<>();
        Path headers = temporary();
        try {
            for (MergeChain.Link link : chain.links()) {
                MergePlan plan = Planner.plan(link.config(), resolving(results, resolver));
                plans.add(plan);
                if (!link.equals(chain.last())) {
                    Path directory = headers.resolve(link.name());
                    StandIn.write(plan, directory);
                    results.put(link.name(), directory);
                }
            }
        } finally {
            AtomicWrite.deleteTree(headers);
        }
        return plans;
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("tailor-plan");
        } catch (IOException e) {
            throw AtomicWrite.failure(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    /// Finds results by the names of their merges, and everything else as before.
    static ModelResolver resolving(Map<String, Path> results, ModelResolver others) {
        return new ModelResolver() {
            @Override
            public Optional<Path> find(String name) {
                return Optional.ofNullable(results.get(name)).or(() -> others.find(name));
            }

            @Override
            public String description() {
                return results.isEmpty()
                        ? others.description()
                        : "no merge of the file before it has that name; " + others.description();
            }
        };
    }
}
