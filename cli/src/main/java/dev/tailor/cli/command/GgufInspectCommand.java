package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.tensors.GgufFile;
import dev.tailor.tensors.GgufTensor;
import dev.tailor.tensors.GgufValue;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/// `tailor gguf inspect`.
@Command(
        name = "inspect",
        description = {"Show the metadata of a GGUF file and how its tensors are stored.", ""},
        footer = {
            "",
            "Texts and lists are cut; --json has them whole.",
            "",
            "Examples:",
            "  tailor gguf inspect model.gguf",
            "  tailor gguf inspect model.gguf --tensors"
        })
final class GgufInspectCommand implements Callable<Integer> {
    private static final int SHOWN = 100;

    private final Session session;

    @Parameters(index = "0", paramLabel = "FILE.gguf", description = "The file.")
    private Path file = Path.of("");

    @Option(names = "--tensors", description = "Show every tensor.")
    private boolean tensors;

    GgufInspectCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (GgufFile gguf = GgufFile.open(file)) {
            if (session.json()) {
                session.print(json(gguf));
            } else {
                show(gguf);
            }
        }
        return 0;
    }

    private void show(GgufFile gguf) {
        int width = gguf.metadata().keySet().stream().mapToInt(String::length).max().orElse(1);
        gguf.metadata()
                .forEach((key, value) ->
                        session.print(
                                ("%-" + width + "s  %s").formatted(key, value.toText(SHOWN))));
        session.print("");
        if (tensors) {
            int names =
                    gguf.tensors().stream().mapToInt(each -> each.name().length()).max().orElse(1);
            for (GgufTensor tensor : gguf.tensors()) {
                session.print(
                        ("%-" + names + "s  %-5s %s")
                                .formatted(tensor.name(), tensor.type(), tensor.shape()));
            }
            session.print("");
        }
        showTypes(gguf.tensors());
    }

    private void showTypes(List<GgufTensor> all) {
        Map<String, long[]> types = new TreeMap<>();
        long parameters = 0;
        long bytes = 0;
        for (GgufTensor tensor : all) {
            long[] sums = types.computeIfAbsent(tensor.type().name(), type -> new long[3]);
            sums[0]++;
            sums[1] += tensor.elements();
            sums[2] += tensor.bytes();
            parameters += tensor.elements();
            bytes += tensor.bytes();
        }
        types.forEach((type, sums) ->
                session.print(
                        "%-5s %5d tensors  %8s weights  %s"
                                .formatted(
                                        type,
                                        sums[0],
                                        Figures.count(sums[1]),
                                        Figures.bytes(sums[2]))));
        session.print(
                String.format(
                        Locale.ROOT,
                        "%s weights in %s, %.2f bits a weight",
                        Figures.count(parameters),
                        Figures.bytes(bytes),
                        parameters == 0 ? 0 : 8.0 * bytes / parameters));
    }

    private static ObjectNode json(GgufFile gguf) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = json.putObject("metadata");
        gguf.metadata().forEach((key, value) -> metadata.set(key, node(value)));
        ArrayNode tensors = json.putArray("tensors");
        for (GgufTensor tensor : gguf.tensors()) {
            ObjectNode each = tensors.addObject();
            each.put("name", tensor.name());
            each.put("type", tensor.type().name());
            tensor.shape().forEach(each.putArray("shape")::add);
            each.put("bytes", tensor.bytes());
        }
        return json;
    }

    private static JsonNode node(GgufValue value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (value) {
            case GgufValue.Whole whole -> nodes.numberNode(whole.value());
            case GgufValue.Real real -> nodes.numberNode(real.value());
            case GgufValue.Bool bool -> nodes.booleanNode(bool.value());
            case GgufValue.Text text -> nodes.stringNode(text.value());
            case GgufValue.Array array ->
                    nodes.arrayNode()
                            .addAll(array.values().stream().map(each -> node(each)).toList());
        };
    }
}
