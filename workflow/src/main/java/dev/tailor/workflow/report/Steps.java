package dev.tailor.workflow.report;

import dev.tailor.eval.Board;
import dev.tailor.workflow.store.RunRecord.StageRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What each step of the pipeline brought: every model-making stage that a board measured, against
/// the nearest model before it that the same board measured.
record Steps(List<Step> steps) {

    /// A step.
    ///
    /// @param before the model it is held against
    record Step(StageRecord stage, String before, List<Comparison> comparisons) {
        String verdict() {
            return Comparison.verdict(comparisons);
        }
    }

    static Steps of(ReportData data) {
        List<Step> steps = new ArrayList<>();
        for (StageRecord stage : data.run().stages()) {
            for (Board board : data.boards().values()) {
                boolean measured = board.modelNames().contains(stage.id());
                if (stage.makesModel() && measured) {
                    predecessor(data, stage, board)
                            .ifPresent(before ->
                                    steps.add(
                                            new Step(
                                                    stage,
                                                    before,
                                                    Comparison.between(
                                                            board, before, stage.id()))));
                }
            }
        }
        return new Steps(steps);
    }

    /// From the base of the board to the last model that it measured: what the whole run brought.
    static Optional<Step> whole(ReportData data) {
        if (data.boards().isEmpty()) {
            return Optional.empty();
        }
        Board board = List.copyOf(data.boards().values()).getLast();
        StageRecord last = null;
        for (StageRecord stage : data.run().stages()) {
            if (stage.makesModel() && board.modelNames().contains(stage.id())) {
                last = stage;
            }
        }
        if (last == null || last.id().equals(board.baseModel())) {
            return Optional.empty();
        }
        return Optional.of(
                new Step(
                        last,
                        board.baseModel(),
                        Comparison.between(board, board.baseModel(), last.id())));
    }

    /// Breadth first through the models a stage was made from; of several, the one made last.
    private static Optional<String> predecessor(ReportData data, StageRecord stage, Board board) {
        List<String> level = stage.from();
        for (int depth = 0; depth <= data.run().stages().size() && !level.isEmpty(); depth++) {
            List<String> measured =
                    level.stream().filter(board.modelNames()::contains).distinct().toList();
            if (!measured.isEmpty()) {
                return measured.stream()
                        .max(java.util.Comparator.comparingInt(name -> position(data, name)));
            }
            level =
                    level.stream()
                            .flatMap(name -> data.stage(name).stream())
                            .flatMap(parent -> parent.from().stream())
                            .distinct()
                            .toList();
        }
        return stage.id().equals(board.baseModel())
                ? Optional.empty()
                : Optional.of(board.baseModel());
    }

    private static int position(ReportData data, String name) {
        for (int i = 0; i < data.run().stages().size(); i++) {
            if (data.run().stages().get(i).id().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
