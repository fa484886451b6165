package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.eval.Board;
import dev.tailor.eval.BoardFormat;
import dev.tailor.eval.ComparisonReport;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResultStore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Keeps a board in the folder of its stage: `board.json` and `board.md` for readers, and a folder
/// with results and samples for each model.
public final class Boards {
    private Boards() {}

    /// Which folder holds which model.
    record Index(String base, List<IndexEntry> models) {}

    /// A model's folder.
    record IndexEntry(String model, String folder) {}

    /// Where a model's results go.
    public static Path folder(Path stage, int index, String model) {
        String name = model.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", "");
        return stage.resolve("%02d-%s".formatted(index + 1, name.isEmpty() ? "model" : name));
    }

    /// Writes a board.
    public static void write(Path stage, Board board) {
        List<IndexEntry> entries = new ArrayList<>();
        for (ModelResult model : board.models()) {
            Path folder = folder(stage, entries.size(), model.model());
            ResultStore.write(folder, model);
            entries.add(new IndexEntry(model.model(), folder.getFileName().toString()));
        }
        AtomicWrite.text(stage.resolve("board.json"), Store.json(BoardFormat.json(board)));
        ComparisonReport comparisons = ComparisonReport.of(board);
        AtomicWrite.text(
                stage.resolve("board.md"),
                BoardFormat.MARKDOWN.render(board) + "\n" + comparisons.markdown());
        AtomicWrite.text(stage.resolve("differences.jsonl"), comparisons.itemLines());
        AtomicWrite.text(
                stage.resolve("models.json"), Store.json(new Index(board.baseModel(), entries)));
    }

    /// Reads a board; empty if the stage has none.
    public static Optional<Board> read(Path stage) {
        return Store.read(stage.resolve("models.json"), Index.class)
                .map(index ->
                        new Board(
                                index.models().stream()
                                        .map(entry ->
                                                ResultStore.read(stage.resolve(entry.folder())))
                                        .toList(),
                                index.base()));
    }
}
