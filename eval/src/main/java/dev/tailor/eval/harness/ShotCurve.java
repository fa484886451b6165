package dev.tailor.eval.harness;

import dev.tailor.core.AtomicWrite;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// How a task's figures go with the number of examples.
///
/// @param lines one for each task, metric and filter
public record ShotCurve(List<Line> lines) {
    private static final String BARS = "▁▂▃▄▅▆▇█";

    /// A figure over the number of shots.
    public record Line(String task, String metric, List<Point> points) {}

    /// A figure at a number of shots.
    public record Point(int shots, double value) {}

    /// The curves of results at several numbers of shots.
    public static ShotCurve of(Collection<List<HarnessResult>> results) {
        Map<List<String>, List<Point>> points = new LinkedHashMap<>();
        for (List<HarnessResult> list : results) {
            for (HarnessResult result : list) {
                for (HarnessResult.Figure figure : result.figures()) {
                    points.computeIfAbsent(
                                    List.of(result.task().name(), figure.key()),
                                    key -> new ArrayList<>())
                            .add(new Point(result.shots(), figure.value()));
                }
            }
        }
        List<Line> lines = new ArrayList<>();
        points.forEach((key, line) -> lines.add(new Line(key.get(0), key.get(1), line)));
        return new ShotCurve(lines);
    }

    /// A table with a bar chart in each line.
    public String text() {
        StringBuilder text = new StringBuilder("by number of examples\n");
        for (Line line : lines) {
            String values =
                    line.points().stream()
                            .map(p -> String.format(Locale.ROOT, "%d: %.4f", p.shots(), p.value()))
                            .collect(Collectors.joining("  "));
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %-20s %-20s %s  %s%n",
                            line.task(),
                            line.metric(),
                            bars(line.points()),
                            values));
        }
        return text.toString();
    }

    private static String bars(List<Point> points) {
        double least = points.stream().mapToDouble(Point::value).min().orElse(0);
        double most = points.stream().mapToDouble(Point::value).max().orElse(0);
        StringBuilder bars = new StringBuilder();
        for (Point point : points) {
            double height = most > least ? (point.value() - least) / (most - least) : 0;
            bars.append(BARS.charAt((int) Math.round(height * (BARS.length() - 1))));
        }
        return bars.toString();
    }

    /// Writes `shots.json` and `shots.txt`.
    public void write(Path directory) {
        JsonMapper json = JsonMapper.shared();
        ArrayNode nodes = json.createArrayNode();
        for (Line line : lines) {
            ArrayNode points =
                    nodes.addObject()
                            .put("task", line.task())
                            .put("metric", line.metric())
                            .putArray("points");
            line.points()
                    .forEach(p ->
                            points.addObject().put("shots", p.shots()).put("value", p.value()));
        }
        AtomicWrite.text(directory.resolve("shots.json"), nodes.toString() + "\n");
        AtomicWrite.text(directory.resolve("shots.txt"), text());
    }
}
