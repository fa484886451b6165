package dev.tailor.workflow.report;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.Board;
import dev.tailor.workflow.report.LineChart.Point;
import dev.tailor.workflow.store.AnswerLog;
import dev.tailor.workflow.store.Boards;
import dev.tailor.workflow.store.EventLog;
import dev.tailor.workflow.store.GateResult;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.SampleMasks;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.Store;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything a report shows, read from a run directory.
///
/// @param recipe the resolved recipe
/// @param states what finished stages were made from, by stage
/// @param series the points of each metric, by stage and name
/// @param boards the boards, by stage
/// @param gates what came of the gates, by stage
/// @param masks the first samples of training stages, by stage
/// @param answers what models answered while they were trained
record ReportData(
        RunRecord run,
        String recipe,
        Map<String, StageState> states,
        Map<String, Map<String, List<Point>>> series,
        Map<String, Board> boards,
        Map<String, GateResult> gates,
        Map<String, SampleMasks> masks,
        List<AnswerLog.Entry> answers) {

    static ReportData load(RunDirectory directory) {
        RunRecord run =
                Store.run(directory)
                        .orElseThrow(() ->
                                TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no run here")
                                        .at(directory.root()));
        Map<String, StageState> states = new LinkedHashMap<>();
        Map<String, Board> boards = new LinkedHashMap<>();
        Map<String, GateResult> gates = new LinkedHashMap<>();
        Map<String, SampleMasks> masks = new LinkedHashMap<>();
        for (StageRecord stage : run.stages()) {
            // What an earlier run left in a stage that this one has not reached says nothing here.
            if (stage.status() == RunRecord.Status.WAITING) {
                continue;
            }
            Store.stage(directory, stage.id()).ifPresent(state -> states.put(stage.id(), state));
            Boards.read(directory.stage(stage.id()))
                    .ifPresent(board -> boards.put(stage.id(), board));
            GateResult.read(directory.stage(stage.id()))
                    .ifPresent(gate -> gates.put(stage.id(), gate));
            SampleMasks.read(directory, stage.id())
                    .ifPresent(samples -> masks.put(stage.id(), samples));
        }
        return new ReportData(
                run,
                recipe(directory),
                states,
                series(directory),
                boards,
                gates,
                masks,
                AnswerLog.read(directory));
    }

    /// The points of one metric of a stage.
    List<Point> points(String stage, String name) {
        return series.getOrDefault(stage, Map.of()).getOrDefault(name, List.of());
    }

    /// The stage of that name.
    Optional<StageRecord> stage(String id) {
        return run.stages().stream().filter(stage -> stage.id().equals(id)).findFirst();
    }

    private static Map<String, Map<String, List<Point>>> series(RunDirectory directory) {
        Map<String, Map<String, List<Point>>> series = new LinkedHashMap<>();
        for (EventLog.Entry entry : EventLog.read(directory)) {
            series.computeIfAbsent(entry.stage(), stage -> new LinkedHashMap<>())
                    .computeIfAbsent(entry.name(), name -> new ArrayList<>())
                    .add(new Point(entry.step(), entry.value()));
        }
        return series;
    }

    private static String recipe(RunDirectory directory) {
        try {
            return Files.exists(directory.recipe()) ? Files.readString(directory.recipe()) : "";
        } catch (IOException e) {
            throw AtomicWrite.failure(directory.recipe(), e);
        }
    }
}
