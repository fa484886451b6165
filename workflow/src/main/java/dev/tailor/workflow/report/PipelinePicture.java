package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.RunRecord.Status;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The stages and the models between them, from left to right, as inline SVG.
final class PipelinePicture {
    private static final int BOX_WIDTH = 138;
    private static final int BOX_HEIGHT = 58;
    private static final int GAP_X = 40;
    private static final int GAP_Y = 20;

    private final Map<String, Node> nodes = new LinkedHashMap<>();

    /// A box.
    ///
    /// @param parents ids of the boxes that lead here
    private record Node(
            String id, String kind, String look, String caption, List<String> parents) {}

    private record Place(int column, int row) {}

    private PipelinePicture() {}

    /// The picture of a run; `captions` holds a short figure for some stages.
    static Html render(List<StageRecord> stages, Map<String, String> captions) {
        PipelinePicture picture = new PipelinePicture();
        for (StageRecord stage : stages) {
            if (stage.makesModel() || stage.kind().equals("export")) {
                picture.add(stage, captions);
            }
        }
        return picture.nodes.isEmpty() ? Html.NOTHING : picture.draw(captions);
    }

    private void add(StageRecord stage, Map<String, String> captions) {
        for (String parent : stage.from()) {
            nodes.putIfAbsent(parent, new Node(parent, "model", "given", "", List.of()));
        }
        nodes.put(
                stage.id(),
                new Node(
                        stage.id(),
                        stage.kind(),
                        look(stage.status()),
                        captions.getOrDefault(stage.id(), ""),
                        stage.from()));
    }

    private static String look(Status status) {
        return switch (status) {
            case FINISHED, REUSED -> "done";
            case RUNNING -> "running";
            case WAITING, STOPPED -> "waiting";
            case FAILED, REFUSED -> "failed";
        };
    }

    private Html draw(Map<String, String> captions) {
        Map<String, Place> places = places();
        int columns = places.values().stream().mapToInt(Place::column).max().orElse(0) + 1;
        int rows = places.values().stream().mapToInt(Place::row).max().orElse(0) + 1;
        int width = columns * (BOX_WIDTH + GAP_X) - GAP_X + 4;
        int height = rows * (BOX_HEIGHT + GAP_Y) - GAP_Y + 4;
        List<Html> edges = new ArrayList<>();
        List<Html> boxes = new ArrayList<>();
        for (Node node : nodes.values()) {
            Place to = place(places, node.id());
            for (String parent : node.parents()) {
                edges.add(edge(place(places, parent), to));
            }
            boxes.add(box(node, to, captions));
        }
        return Html.of(
                """
                <div class="scroll"><svg class="pipeline" viewBox="0 0 {} {}" width="{}" height="{}" \
                role="img" aria-label="pipeline">
                {}{}</svg></div>
                """,
                width,
                height,
                width,
                height,
                edges,
                boxes);
    }

    /// A stage stands one column right of its last parent, a given model one column left of its
    /// first use; rows follow the first parent where that place is free.
    private Map<String, Place> places() {
        Map<String, Integer> columns = columns();
        Map<String, Place> places = new LinkedHashMap<>();
        Set<Place> taken = new HashSet<>();
        for (Node node : nodes.values()) {
            int column = columns.getOrDefault(node.id(), 0);
            int row = 0;
            if (!node.parents().isEmpty() && places.containsKey(node.parents().getFirst())) {
                row = place(places, node.parents().getFirst()).row();
            }
            while (!taken.add(new Place(column, row))) {
                row++;
            }
            places.put(node.id(), new Place(column, row));
        }
        return places;
    }

    private Map<String, Integer> columns() {
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (Node node : nodes.values()) {
            int column = 0;
            for (String parent : node.parents()) {
                column = Math.max(column, columns.getOrDefault(parent, 0) + 1);
            }
            columns.put(node.id(), column);
        }
        for (Node node : nodes.values()) {
            if (node.parents().isEmpty()) {
                int use =
                        nodes.values().stream()
                                .filter(other -> other.parents().contains(node.id()))
                                .mapToInt(other -> columns.getOrDefault(other.id(), 1))
                                .min()
                                .orElse(1);
                columns.put(node.id(), use - 1);
            }
        }
        return columns;
    }

    private static Place place(Map<String, Place> places, String id) {
        Place place = places.get(id);
        if (place == null) {
            throw new IllegalStateException("no place for " + id);
        }
        return place;
    }

    private static Html edge(Place from, Place to) {
        int x1 = x(from) + BOX_WIDTH;
        int y1 = y(from) + BOX_HEIGHT / 2;
        int x2 = x(to) - 5;
        int y2 = y(to) + BOX_HEIGHT / 2;
        int bend = Math.max(GAP_X / 2, (x2 - x1) / 2);
        return Html.of(
                """
                <path class="edge" d="{}"/><path class="arrow" d="{}"/>
                """,
                String.format(
                        Locale.ROOT,
                        "M%d %dC%d %d %d %d %d %d",
                        x1,
                        y1,
                        x1 + bend,
                        y1,
                        x2 - bend,
                        y2,
                        x2,
                        y2),
                String.format(Locale.ROOT, "M%d %dl-6 -3.5v7z", x2 + 4, y2));
    }

    private static Html box(Node node, Place place, Map<String, String> captions) {
        String caption = captions.getOrDefault(node.id(), node.caption());
        return Html.of(
                """
                <g class="box {}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="7"/>\
                <text class="kind" x="{}" y="{}">{}</text><text class="id" x="{}" y="{}">{}</text>\
                <text class="caption" x="{}" y="{}">{}</text></g>
                """,
                node.look(),
                node.id(),
                x(place),
                y(place),
                BOX_WIDTH,
                BOX_HEIGHT,
                x(place) + 11,
                y(place) + 17,
                node.kind(),
                x(place) + 11,
                y(place) + 34,
                shortened(node.id()),
                x(place) + 11,
                y(place) + 49,
                caption);
    }

    private static String shortened(String id) {
        String name = id.contains("/") ? id.substring(id.lastIndexOf('/') + 1) : id;
        return name.length() <= 17 ? name : name.substring(0, 16) + "…";
    }

    private static int x(Place place) {
        return 2 + place.column() * (BOX_WIDTH + GAP_X);
    }

    private static int y(Place place) {
        return 2 + place.row() * (BOX_HEIGHT + GAP_Y);
    }
}
