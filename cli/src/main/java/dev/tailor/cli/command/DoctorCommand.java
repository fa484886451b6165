package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;

import picocli.CommandLine.Command;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/// `tailor doctor`.
@Command(
        name = "doctor",
        description =
                "Look at this machine: Java, processor, memory, disk, native libraries; say what is"
                        + " missing.",
        footer = {
            "",
            "Exit code 0 when everything needed is there, 5 when something is missing.",
            "",
            "Examples:",
            "  tailor doctor",
            "  tailor doctor --json"
        })
public final class DoctorCommand implements Callable<Integer> {
    private final Session session;

    /// Examines the machine of this process.
    public DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<Finding> findings = Examination.of(session.options().threads());
        if (session.json()) {
            session.print(json(findings));
        } else {
            for (Finding finding : findings) {
                session.print(
                        String.format(
                                Locale.ROOT,
                                "%-5s %-12s %s",
                                finding.health().label(),
                                finding.subject(),
                                finding.detail()));
            }
        }
        boolean missing = findings.stream().anyMatch(f -> f.health() == Finding.Health.MISSING);
        return missing ? ErrorCode.DEVICE_UNAVAILABLE.exitCode() : 0;
    }

    private static ObjectNode json(List<Finding> findings) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode list = root.putArray("findings");
        for (Finding finding : findings) {
            list.addObject()
                    .put("subject", finding.subject())
                    .put("health", finding.health().label())
                    .put("detail", finding.detail());
        }
        return root;
    }
}
