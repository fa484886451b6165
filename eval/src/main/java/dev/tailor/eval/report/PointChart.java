package dev.tailor.eval.report;

import dev.tailor.core.html.Html;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A chart as inline SVG: one line per series over labelled places (numbers of examples, runs),
/// with a bar of one standard error at each point and its value where the pointer rests.
///
/// @param title what is drawn
/// @param labels the places from left to right
/// @param series the lines
record PointChart(String title, List<String> labels, List<Series> series) {
    private static final int WIDTH = 520;
    private static final int HEIGHT = 230;
    private static final int LEFT = 52;
    private static final int RIGHT = 16;
    private static final int TOP = 12;
    private static final int BOTTOM = 34;
    private static final int LOOKS = 6;
    private static final int LONGEST_LABEL = 14;

    /// A line.
    ///
    /// @param points one for each place; NaN where nothing was measured
    record Series(String name, List<Point> points) {}

    /// A measured figure.
    ///
    /// @param error its standard error; 0 where none is known
    record Point(double value, double error) {
        static final Point NONE = new Point(Double.NaN, 0);

        boolean isThere() {
            return Double.isFinite(value);
        }
    }

    /// The chart with its title and legend; nothing if there are no points.
    Html render() {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Series line : series) {
            for (Point point : line.points()) {
                if (point.isThere()) {
                    low = Math.min(low, point.value() - point.error());
                    high = Math.max(high, point.value() + point.error());
                }
            }
        }
        if (low > high) {
            return Html.NOTHING;
        }
        double room = high > low ? (high - low) * 0.08 : Math.max(1e-3, Math.abs(low) / 10);
        Scale y = new Scale(low - room, high + room);
        List<Html> lines = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            lines.add(line(series.get(i), "l" + i % LOOKS, y));
        }
        return Html.of(
                """
                <figure class="chart"><figcaption>{}{}</figcaption>
                <svg viewBox="0 0 {} {}" role="img" aria-label="{}">
                {}{}{}</svg></figure>
                """,
                title,
                legend(),
                WIDTH,
                HEIGHT,
                title,
                grid(y),
                places(),
                lines);
    }

    private Html legend() {
        if (series.size() < 2) {
            return Html.NOTHING;
        }
        List<Html> keys = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            keys.add(
                    Html.of(
                            "<span><i class=\"key l{}\"></i>{}</span>",
                            i % LOOKS,
                            series.get(i).name()));
        }
        return Html.of("<span class=\"legend\">{}</span>", keys);
    }

    private double x(int place) {
        double width = WIDTH - LEFT - RIGHT;
        return LEFT + width * (place + 0.5) / labels.size();
    }

    private static Html grid(Scale y) {
        List<Html> ticks = new ArrayList<>();
        for (double value : y.ticks()) {
            ticks.add(
                    Html.of(
                            """
                            <line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>\
                            <text class="tick" x="{}" y="{}" text-anchor="end">{}</text>
                            """,
                            LEFT,
                            WIDTH - RIGHT,
                            pixel(y.at(value)),
                            pixel(y.at(value)),
                            LEFT - 6,
                            pixel(y.at(value) + 4),
                            y.label(value)));
        }
        return Html.join(ticks);
    }

    private Html places() {
        List<Html> texts = new ArrayList<>();
        int every = Math.max(1, (labels.size() + 7) / 8);
        for (int i = 0; i < labels.size(); i += every) {
            texts.add(
                    Html.of(
                            "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}"
                                    + "<title>{}</title></text>\n",
                            pixel(x(i)),
                            HEIGHT - BOTTOM + 18,
                            shortened(labels.get(i)),
                            labels.get(i)));
        }
        return Html.of(
                "<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>\n{}",
                LEFT,
                WIDTH - RIGHT,
                HEIGHT - BOTTOM,
                HEIGHT - BOTTOM,
                texts);
    }

    private static String shortened(String label) {
        int length = label.codePointCount(0, label.length());
        return length <= LONGEST_LABEL
                ? label
                : "…" + label.substring(label.offsetByCodePoints(0, length - LONGEST_LABEL + 1));
    }

    private Html line(Series line, String look, Scale y) {
        StringBuilder path = new StringBuilder();
        List<Html> marks = new ArrayList<>();
        for (int i = 0; i < line.points().size(); i++) {
            Point point = line.points().get(i);
            if (!point.isThere()) {
                continue;
            }
            String x = pixel(x(i));
            path.append(path.isEmpty() ? 'M' : 'L').append(x).append(' ');
            path.append(pixel(y.at(point.value())));
            if (point.error() > 0) {
                marks.add(
                        Html.of(
                                "<line class=\"error {}\" x1=\"{}\" x2=\"{}\" y1=\"{}\""
                                        + " y2=\"{}\"/>",
                                look,
                                x,
                                x,
                                pixel(y.at(point.value() - point.error())),
                                pixel(y.at(point.value() + point.error()))));
            }
            marks.add(
                    Html.of(
                            "<circle class=\"dot {}\" cx=\"{}\" cy=\"{}\" r=\"3.2\"><title>{}, {}:"
                                    + " {}{}</title></circle>\n",
                            look,
                            x,
                            pixel(y.at(point.value())),
                            line.name(),
                            labels.get(i),
                            Numbers.figure(point.value()),
                            point.error() > 0 ? " ±" + Numbers.figure(point.error()) : ""));
        }
        return Html.of("<path class=\"line {}\" d=\"{}\"/>{}\n", look, path, marks);
    }

    private static String pixel(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /// A linear map from values to pixels, high values on top.
    private record Scale(double low, double high) {
        double at(double value) {
            return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / (high - low);
        }

        private double step() {
            double raw = (high - low) / 5;
            double power = Math.pow(10, Math.floor(Math.log10(raw)));
            for (double factor : new double[] {1, 2, 5}) {
                if (raw <= power * factor) {
                    return power * factor;
                }
            }
            return power * 10;
        }

        /// Round values within the range: steps of 1, 2 or 5 times a power of ten.
        List<Double> ticks() {
            double step = step();
            List<Double> ticks = new ArrayList<>();
            for (long k = (long) Math.ceil(low / step); k * step <= high; k++) {
                ticks.add(k * step);
            }
            return ticks;
        }

        /// As many decimals as tell the ticks apart.
        String label(double value) {
            int decimals = (int) Math.max(0, -Math.floor(Math.log10(step()) + 1e-9));
            return String.format(Locale.ROOT, "%." + Math.min(decimals, 6) + "f", value);
        }
    }
}
