package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.ResidentMemory;
import dev.tailor.cli.terminal.Session;
import dev.tailor.merge.MergeResult;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What came of a merge.
final class MergeReports {
    private MergeReports() {}

    /// Prints a result, for people or as JSON.
    static void show(Session session, MergeResult result) {
        if (session.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("output", result.output().toString());
            json.put("tensors", result.tensors());
            json.put("parameters", result.parameters());
            json.put("bytes", result.bytes());
            json.put("seconds", result.seconds());
            json.put("peak_memory_bytes", ResidentMemory.peak());
            ArrayNode notes = json.putArray("notes");
            result.notes().forEach(notes::add);
            session.print(json);
            return;
        }
        result.notes().forEach(note -> session.note("note: " + note));
        session.print(
                "%s  %d tensors, %s weights, %s in %s, peak memory %s"
                        .formatted(
                                result.output(),
                                result.tensors(),
                                Figures.count(result.parameters()),
                                Figures.bytes(result.bytes()),
                                Figures.duration(result.seconds()),
                                Figures.bytes(ResidentMemory.peak())));
    }
}
