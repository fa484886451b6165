package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.eval.Board;
import dev.tailor.workflow.store.Boards;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.Store;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/// `tailor runs compare`.
@Command(
        name = "compare",
        description = {
            "Compare two runs: what differs in their settings and in their figures.",
            ""
        },
        footer = {"", "Examples:", "  tailor runs compare quickstart runs/second-try"})
final class RunsCompareCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run's name or directory.")
    private String first = "";

    @Parameters(index = "1", paramLabel = "RUN", description = "Another run.")
    private String second = "";

    RunsCompareCommand(Session session) {
        this.session = session;
    }

    /// One line of the comparison.
    private record Difference(String what, String left, String right) {}

    @Override
    public Integer call() {
        KnownRun left = KnownRun.named(first);
        KnownRun right = KnownRun.named(second);
        List<Difference> settings = differences(ingredients(left), ingredients(right));
        List<Difference> figures = differences(figures(left), figures(right));
        if (session.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("left", left.directory().root().toString());
            json.put("right", right.directory().root().toString());
            add(json.putArray("settings"), settings);
            add(json.putArray("figures"), figures);
            session.print(json);
        } else {
            print("settings that differ", settings);
            print("figures that differ", figures);
        }
        return 0;
    }

    private void print(String title, List<Difference> differences) {
        session.print(differences.isEmpty() ? "no " + title : title + ":");
        for (Difference each : differences) {
            session.print("  %-44s %16s %16s".formatted(each.what(), each.left(), each.right()));
        }
    }

    private static void add(ArrayNode list, List<Difference> differences) {
        for (Difference each : differences) {
            list.addObject()
                    .put("name", each.what())
                    .put("left", each.left())
                    .put("right", each.right());
        }
    }

    private static List<Difference> differences(
            Map<String, String> left, Map<String, String> right) {
        TreeSet<String> names = new TreeSet<>(left.keySet());
        names.addAll(right.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String name : names) {
            String a = left.getOrDefault(name, "-");
            String b = right.getOrDefault(name, "-");
            if (!Objects.equals(a, b)) {
                differences.add(new Difference(name, shortened(a), shortened(b)));
            }
        }
        return differences;
    }

    /// Digests are told apart by their first digits.
    private static String shortened(String value) {
        return value.matches("[0-9a-f]{64}") ? value.substring(0, 12) : value;
    }

    private static Map<String, String> ingredients(KnownRun run) {
        Map<String, String> all = new LinkedHashMap<>();
        for (RunRecord.StageRecord stage : run.record().stages()) {
            Store.stage(run.directory(), stage.id())
                    .ifPresent(state ->
                            state.ingredients()
                                    .forEach((name, value) ->
                                            all.put(stage.id() + "." + name, value)));
        }
        return all;
    }

    private static Map<String, String> figures(KnownRun run) {
        Map<String, String> all = new LinkedHashMap<>();
        for (RunRecord.StageRecord stage : run.record().stages()) {
            stage.metrics()
                    .forEach((name, value) ->
                            all.put(stage.id() + "." + name, Figures.number(value)));
            Boards.read(run.directory().stage(stage.id())).ifPresent(board -> add(all, board));
        }
        return all;
    }

    private static void add(Map<String, String> all, Board board) {
        for (String model : board.modelNames()) {
            for (Board.Column column : board.columns()) {
                board.metric(model, column)
                        .ifPresent(metric ->
                                all.put(
                                        model + ": " + column.path(),
                                        Figures.number(metric.value())));
            }
        }
    }
}
