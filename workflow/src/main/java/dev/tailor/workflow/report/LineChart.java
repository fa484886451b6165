package dev.tailor.workflow.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/// A line chart as inline SVG: axes with round ticks, one line per series, and the values of a step
/// where the pointer rests.
///
/// @param title what is drawn
/// @param series the lines; those without points are left out
/// @param format how values are written
/// @param fromZero whether the vertical axis begins at zero
record LineChart(
        String title, List<Series> series, DoubleFunction<String> format, boolean fromZero) {
    private static final int WIDTH = 520;
    private static final int HEIGHT = 220;
    private static final int LEFT = 56;
    private static final int RIGHT = 12;
    private static final int TOP = 12;
    private static final int BOTTOM = 28;
    private static final int MOST_POINTS = 400;
    private static final int MOST_BANDS = 100;

    /// A line.
    ///
    /// @param look a class of the style sheet: `line-a`, `line-b`
    record Series(String name, String look, List<Point> points) {
        Series {
            points = points.stream().filter(p -> Double.isFinite(p.y())).toList();
        }
    }

    /// A measurement at a step.
    record Point(double x, double y) {}

    /// The chart with its title and legend; nothing if there are no points.
    Html render() {
        List<Series> drawn = series.stream().filter(s -> !s.points().isEmpty()).toList();
        if (drawn.isEmpty()) {
            return Html.NOTHING;
        }
        Scale x = new Scale(xRange(drawn), LEFT, WIDTH - RIGHT);
        Scale y = new Scale(yRange(drawn), HEIGHT - BOTTOM, TOP);
        List<Html> lines = new ArrayList<>();
        for (Series line : drawn) {
            lines.add(line(line, x, y));
        }
        return Html.of(
                """
                <figure class="chart"><figcaption>{}{}</figcaption>
                <svg viewBox="0 0 {} {}" role="img" aria-label="{}">
                {}{}{}{}</svg></figure>
                """,
                title,
                legend(drawn),
                WIDTH,
                HEIGHT,
                title,
                horizontalTicks(y),
                verticalTicks(x),
                lines,
                bands(drawn, x));
    }

    private static Html legend(List<Series> drawn) {
        if (drawn.size() < 2) {
            return Html.NOTHING;
        }
        return Html.of(
                "<span class=\"legend\">{}</span>",
                drawn.stream()
                        .map(s ->
                                Html.of(
                                        "<span><i class=\"key {}\"></i>{}</span>",
                                        s.look(),
                                        s.name()))
                        .toList());
    }

    private static double[] xRange(List<Series> drawn) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Series line : drawn) {
            low = Math.min(low, line.points().getFirst().x());
            high = Math.max(high, line.points().getLast().x());
        }
        return low == high ? new double[] {low - 1, high + 1} : new double[] {low, high};
    }

    private double[] yRange(List<Series> drawn) {
        double low = fromZero ? 0 : Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Series line : drawn) {
            for (Point point : line.points()) {
                low = Math.min(low, point.y());
                high = Math.max(high, point.y());
            }
        }
        if (low == high) {
            double room = low == 0 ? 1 : Math.abs(low) / 10;
            return new double[] {fromZero ? 0 : low - room, high + room};
        }
        double room = (high - low) * 0.05;
        return new double[] {fromZero ? 0 : low - room, high + room};
    }

    private Html horizontalTicks(Scale y) {
        List<Html> ticks = new ArrayList<>();
        for (double value : y.ticks(5)) {
            ticks.add(
                    Html.of(
                            """
                            <line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>\
                            <text class="tick" x="{}" y="{}" text-anchor="end">{}</text>
                            """,
                            LEFT,
                            WIDTH - RIGHT,
                            coordinate(y.at(value)),
                            coordinate(y.at(value)),
                            LEFT - 6,
                            coordinate(y.at(value) + 3.5),
                            format.apply(value)));
        }
        return Html.join(ticks);
    }

    private static Html verticalTicks(Scale x) {
        List<Html> ticks = new ArrayList<>();
        for (double value : x.ticks(6)) {
            if (value == Math.rint(value)) {
                ticks.add(
                        Html.of(
                                """
                                <line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>\
                                <text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>
                                """,
                                coordinate(x.at(value)),
                                coordinate(x.at(value)),
                                HEIGHT - BOTTOM,
                                HEIGHT - BOTTOM + 4,
                                coordinate(x.at(value)),
                                HEIGHT - BOTTOM + 16,
                                Figures.count((long) value)));
            }
        }
        ticks.add(
                Html.of(
                        "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">step</text>",
                        LEFT - 6,
                        HEIGHT - BOTTOM + 16));
        ticks.add(
                Html.of(
                        "<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>\n",
                        LEFT,
                        WIDTH - RIGHT,
                        HEIGHT - BOTTOM,
                        HEIGHT - BOTTOM));
        return Html.join(ticks);
    }

    private static Html line(Series series, Scale x, Scale y) {
        List<Point> points = thin(series.points());
        StringBuilder path = new StringBuilder();
        for (Point point : points) {
            path.append(path.isEmpty() ? 'M' : 'L')
                    .append(coordinate(x.at(point.x())))
                    .append(' ')
                    .append(coordinate(y.at(point.y())));
        }
        List<Html> dots = new ArrayList<>();
        if (points.size() <= 30) {
            for (Point point : points) {
                dots.add(
                        Html.of(
                                "<circle class=\"dot {}\" cx=\"{}\" cy=\"{}\" r=\"2.2\"/>",
                                series.look(),
                                coordinate(x.at(point.x())),
                                coordinate(y.at(point.y()))));
            }
        }
        return Html.of("<path class=\"line {}\" d=\"{}\"/>{}\n", series.look(), path, dots);
    }

    /// At most `MOST_POINTS`: the mean of each group of neighbours.
    private static List<Point> thin(List<Point> points) {
        int group = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
        if (group <= 1) {
            return points;
        }
        List<Point> thinned = new ArrayList<>();
        for (int from = 0; from < points.size(); from += group) {
            List<Point> part = points.subList(from, Math.min(points.size(), from + group));
            thinned.add(
                    new Point(
                            part.stream().mapToDouble(Point::x).average().orElseThrow(),
                            part.stream().mapToDouble(Point::y).average().orElseThrow()));
        }
        return thinned;
    }

    /// Invisible columns that show a step's values when the pointer rests on them.
    private Html bands(List<Series> drawn, Scale x) {
        Series longest = drawn.getFirst();
        for (Series line : drawn) {
            longest = line.points().size() > longest.points().size() ? line : longest;
        }
        int group = (longest.points().size() + MOST_BANDS - 1) / MOST_BANDS;
        double width =
                (WIDTH - LEFT - RIGHT) / (double) Math.min(MOST_BANDS, longest.points().size());
        List<Html> bands = new ArrayList<>();
        for (int i = 0; i < longest.points().size(); i += group) {
            double step = longest.points().get(i).x();
            StringBuilder text = new StringBuilder("step " + Figures.count(Math.round(step)));
            for (Series line : drawn) {
                nearest(line, step)
                        .ifPresent(point ->
                                text.append("\n")
                                        .append(line.name())
                                        .append(": ")
                                        .append(format.apply(point.y())));
            }
            bands.add(
                    Html.of(
                            """
                            <rect class="band" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>
                            """,
                            coordinate(x.at(step) - width / 2),
                            TOP,
                            coordinate(width),
                            HEIGHT - TOP - BOTTOM,
                            text));
        }
        return Html.join(bands);
    }

    private static java.util.Optional<Point> nearest(Series line, double x) {
        return line.points().stream()
                .min(java.util.Comparator.comparingDouble(point -> Math.abs(point.x() - x)));
    }

    private static String coordinate(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /// A linear map from values to pixels.
    private record Scale(double low, double high, double from, double to) {
        Scale(double[] range, double from, double to) {
            this(range[0], range[1], from, to);
        }

        double at(double value) {
            return from + (to - from) * (value - low) / (high - low);
        }

        /// Round values within the range: steps of 1, 2 or 5 times a power of ten.
        List<Double> ticks(int about) {
            double raw = (high - low) / about;
            double power = Math.pow(10, Math.floor(Math.log10(raw)));
            double step = power;
            for (double factor : new double[] {1, 2, 5, 10}) {
                step = power * factor;
                if (raw <= step) {
                    break;
                }
            }
            List<Double> ticks = new ArrayList<>();
            for (long k = (long) Math.ceil(low / step); k * step <= high + step * 1e-9; k++) {
                ticks.add(k * step);
            }
            return ticks;
        }
    }
}
