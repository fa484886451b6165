package dev.tailor.workflow.internal.keys;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes shapes as the tables of the reference manual (Markdown).
public final class ManualWriter {
    private final Map<String, Shape> pending = new LinkedHashMap<>();

    /// The section of a shape, followed by the sections of those it names.
    public String sections(List<Shape> shapes) {
        shapes.forEach(this::refer);
        StringBuilder text = new StringBuilder();
        int written = 0;
        // A section may name further shapes, which join the end of the queue.
        while (written < pending.size()) {
            Shape shape = List.copyOf(pending.values()).get(written++);
            text.append(section(shape));
        }
        return text.toString();
    }

    private String section(Shape shape) {
        StringBuilder text = new StringBuilder();
        text.append("### ").append(shape.id()).append("\n\n").append(shape.doc()).append("\n\n");
        if (shape.keys().isEmpty()) {
            return text.append("No keys.\n\n").toString();
        }
        text.append("| key | value | default | meaning |\n|---|---|---|---|\n");
        for (Key key : shape.keys()) {
            text.append(
                    "| `%s` | %s | %s | %s |\n"
                            .formatted(
                                    key.name(),
                                    cell(type(key.type())),
                                    cell(standard(key.standard())),
                                    cell(key.doc())));
        }
        return text.append('\n').toString();
    }

    private String type(KeyType type) {
        return switch (type) {
            case KeyType.Text(String meaning) -> meaning;
            case KeyType.Pattern(String regex, String meaning) -> meaning;
            case KeyType.Whole(long minimum, long maximum) ->
                    minimum == maximum
                            ? "`" + minimum + "`"
                            : maximum >= Integer.MAX_VALUE
                                    ? "a whole number from " + minimum
                                    : "a whole number from " + minimum + " to " + maximum;
            case KeyType.Real(KeyType.Range range) ->
                    Double.isInfinite(range.minimum()) ? "a number" : "a number " + range;
            case KeyType.Flag() -> "`true` or `false`";
            case KeyType.Choice(List<String> words) -> "`" + String.join("`, `", words) + "`";
            case KeyType.Items(KeyType item) -> "a list: " + type(item);
            case KeyType.Entries(KeyType value) -> "name: " + type(value);
            case KeyType.Nested(Shape shape) -> refer(shape);
            case KeyType.Variants(Map<String, Shape> shapes) ->
                    String.join(", ", shapes.values().stream().map(this::refer).toList());
            case KeyType.Weights(List<String> words) -> "a word, or positive weights by words";
            case KeyType.Free(String meaning) -> meaning;
        };
    }

    private String refer(Shape shape) {
        pending.putIfAbsent(shape.id(), shape);
        return "[" + shape.id() + "](#" + shape.id() + ")";
    }

    private static String standard(Standard standard) {
        return switch (standard) {
            case Standard.Required() -> "required";
            case Standard.Absent() -> "–";
            case Standard.Fixed(Object value) ->
                    value instanceof Variant(String name, Values v)
                            ? "`" + name + "`"
                            : "`" + value + "`";
            case Standard.Derived(String description, Standard.Rule rule) -> description;
        };
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
