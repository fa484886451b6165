package dev.tailor.merge;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Carries out a merge and prints the most bytes that were resident, then the bytes that the plan
/// allows, for a test that compares them. Arguments: the merge's file and the output.
final class MergeProcess {
    private MergeProcess() {}

    public static void main(String[] arguments) throws IOException {
        MergePlan plan = Merge.plan(Path.of(arguments[0]));
        MergeOptions options = MergeOptions.standard().withThreads(2);
        Merge.run(
                plan, Path.of(arguments[1]), options, Event.Listener.none(), Cancellation.never());
        System.out.println(peak());
        System.out.println(MergeCost.of(plan, options).memoryBytes());
    }

    private static long peak() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
