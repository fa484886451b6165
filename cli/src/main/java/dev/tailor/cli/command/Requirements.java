package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.Board;
import dev.tailor.eval.Gate;
import dev.tailor.eval.JUnitReport;
import dev.tailor.eval.ResultStore;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `tailor eval` requires of the last model it evaluates.
final class Requirements {
    private static final Pattern PARTS = Pattern.compile("\\s*([^\\s<>=]+)(.*)", Pattern.DOTALL);

    @Option(
            names = "--require",
            paramLabel = "REQUIREMENT",
            description = {
                "End with exit code 4 unless this holds of the last model: 'task.metric >= base +",
                "0.2', '> release significantly', 'and' between several; repeatable."
            })
    private List<String> texts = List.of();

    @Option(
            names = "--release",
            paramLabel = "DIR",
            description = "Results of the released model (an earlier --out), called release above.")
    private @Nullable Path release;

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "Write what came of the requirements here as JUnit XML.")
    private @Nullable Path junit;

    /// Finds mistakes before any work is done.
    void check() {
        gates();
        if (release != null) {
            ResultStore.read(release);
        }
    }

    /// Holds the requirements against a board.
    ///
    /// @return a line for each
    /// @throws TailorException GATE_FAILED if one does not hold; the JUnit report is written first
    List<Gate.Outcome> hold(Board board) {
        Board all = release == null ? board : board.with(Gate.RELEASE, ResultStore.read(release));
        String on = board.modelNames().getLast();
        List<Gate.Outcome> outcomes = new ArrayList<>();
        for (Gate gate : gates()) {
            outcomes.add(gate.check(all, on));
        }
        if (junit != null) {
            JUnitReport.write(
                    junit,
                    List.of(
                            new JUnitReport.Suite(
                                    on, outcomes.stream().map(JUnitReport.Case::of).toList())));
        }
        return outcomes;
    }

    /// The failure of the requirements that do not hold.
    static Optional<TailorException> failure(List<Gate.Outcome> outcomes) {
        List<String> failed =
                outcomes.stream()
                        .filter(outcome -> !outcome.passed())
                        .map(Gate.Outcome::describe)
                        .toList();
        return failed.isEmpty()
                ? Optional.empty()
                : Optional.of(TailorException.of(ErrorCode.GATE_FAILED, String.join("; ", failed)));
    }

    private List<Gate> gates() {
        List<Gate> gates = new ArrayList<>();
        for (String text : texts) {
            Matcher parts = PARTS.matcher(text);
            if (!parts.matches()) {
                throw TailorException.of(ErrorCode.USAGE, "not a requirement: '" + text + "'")
                        .remedy("write --require 'task.metric >= base + 0.2'");
            }
            int from = parts.start(2);
            gates.addAll(
                    Gate.parseAll(
                            parts.group(1),
                            parts.group(2),
                            Optional.of(at ->
                                    "--require '" + text + "', character " + (from + at + 1))));
        }
        return gates;
    }
}
