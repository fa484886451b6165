package dev.tailor.merge.internal.explain;

import dev.tailor.core.html.Html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/// A metric of all tensors in colours: a table for each map, with layers as rows and kinds of
/// tensors as columns, and below it the tensors outside of layers. Every cell holds its number, and
/// its name and more digits as its title.
record HeatMap(Metric metric, Scale scale) {
    /// From these strengths on letters have the other colour: on a dark page, on any.
    private static final int HIGH = 58;

    private static final int TOP = 70;

    /// The section of a metric; nothing where it is nowhere defined.
    static Html section(Metric metric, List<TensorGrid> grids) {
        double[] values =
                metric.maps().values().stream()
                        .flatMapToDouble(value -> values(grids, value))
                        .toArray();
        if (values.length == 0) {
            return Html.NOTHING;
        }
        Scale scale = Scale.of(values, metric.strongIsLow());
        HeatMap map = new HeatMap(metric, scale);
        List<Html> maps = new ArrayList<>();
        for (Map.Entry<String, ToDoubleFunction<Summary>> each : metric.maps().entrySet()) {
            for (TensorGrid grid : grids) {
                maps.add(map.figure(caption(each.getKey(), grid), grid, each.getValue()));
            }
        }
        return Html.of(
                "<section><h2>{}</h2>\n"
                        + "<p class=\"meaning\">{}</p>\n"
                        + "{}<div class=\"maps\">{}</div></section>\n",
                metric.title(),
                metric.meaning(),
                map.legend(),
                maps);
    }

    private static String caption(String map, TensorGrid grid) {
        return grid.module().isEmpty() ? map : map + ", " + grid.module();
    }

    private static DoubleStream values(List<TensorGrid> grids, ToDoubleFunction<Summary> value) {
        return grids.stream()
                .flatMap(grid -> grid.cells().stream())
                .flatMap(cell -> cell.summary().stream())
                .mapToDouble(value)
                .filter(Double::isFinite);
    }

    private Html legend() {
        if (scale.isFlat()) {
            return Html.of("<p class=\"legend\">{} everywhere</p>\n", number(scale.weak()));
        }
        String beyond = scale.clamped() ? metric.strongIsLow() ? "≤ " : "≥ " : "";
        return Html.of(
                "<p class=\"legend\"><span>{}</span><i></i><span>{}</span></p>\n",
                number(scale.weak()),
                beyond + number(scale.strong()));
    }

    private String number(double value) {
        return metric.format().apply(value) + metric.unit();
    }

    private Html figure(String caption, TensorGrid grid, ToDoubleFunction<Summary> value) {
        return Html.of(
                "<figure><figcaption>{}</figcaption>{}{}</figure>\n",
                caption,
                grid.layers().isEmpty() ? Html.NOTHING : layers(caption, grid, value),
                grid.outside().isEmpty() ? Html.NOTHING : outside(grid, value));
    }

    private Html layers(String caption, TensorGrid grid, ToDoubleFunction<Summary> value) {
        List<Html> heads =
                grid.kinds().stream()
                        .map(kind -> Html.of("<th scope=\"col\"><span>{}</span></th>", kind))
                        .toList();
        List<Html> rows = new ArrayList<>();
        grid.layers()
                .forEach((layer, row) -> {
                    List<Html> cells = new ArrayList<>();
                    for (String kind : grid.kinds()) {
                        cells.add(cell(Optional.ofNullable(row.get(kind)), value));
                    }
                    rows.add(Html.of("<tr><th scope=\"row\">{}</th>{}</tr>\n", layer, cells));
                });
        return Html.of(
                """
                <div class="scroll"><table class="map" aria-label="{}">
                <thead><tr><th scope="col">layer</th>{}</tr></thead>
                <tbody>
                {}</tbody></table></div>
                """,
                metric.title() + ", " + caption,
                heads,
                rows);
    }

    private Html outside(TensorGrid grid, ToDoubleFunction<Summary> value) {
        List<Html> rows =
                grid.outside().stream()
                        .map(cell ->
                                Html.of(
                                        "<tr>{}<th scope=\"row\">{}</th></tr>\n",
                                        cell(Optional.of(cell), value),
                                        cell.label()))
                        .toList();
        return Html.of(
                "<div class=\"scroll\"><table class=\"map strip\"><tbody>\n"
                        + "{}</tbody></table></div>\n",
                rows);
    }

    private Html cell(Optional<TensorGrid.Cell> cell, ToDoubleFunction<Summary> value) {
        if (cell.isEmpty()) {
            return new Html("<td class=\"none\"></td>");
        }
        Optional<Summary> summary = cell.get().summary();
        if (summary.isEmpty()) {
            return Html.of(
                    "<td class=\"none\" title=\"{}\">·</td>", cell.get().label() + ": copied");
        }
        double number = value.applyAsDouble(summary.get());
        String title = cell.get().label() + ": " + Figures.exact(number);
        if (!Double.isFinite(number)) {
            return Html.of("<td class=\"none\" title=\"{}\">–</td>", title);
        }
        int strength = scale.strength(number);
        return Html.of(
                "<td class=\"{}\" style=\"--v:{}\" title=\"{}\">{}</td>",
                strength >= TOP
                        ? "upper high top"
                        : strength >= HIGH ? "upper high" : strength >= 50 ? "upper" : "lower",
                strength,
                title,
                metric.format().apply(number));
    }
}
