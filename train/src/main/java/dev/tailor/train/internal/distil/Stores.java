package dev.tailor.train.internal.distil;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.train.distillation.LogitStore;
import dev.tailor.train.distillation.StoreHeader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The stores in a directory, each in one of its own that is named by its content; or a single
/// store.
public record Stores(Path root) {
    /// Where a store of some content lies, or would.
    public Path place(StoreHeader wanted) {
        return isStore(root) ? root : root.resolve(wanted.directoryName());
    }

    /// Opens a store that must have this content.
    ///
    /// @throws TailorException `DATA_INVALID` saying what it was made of instead
    public LogitStore open(Path directory, StoreHeader wanted) {
        StoreHeader found = StoreHeader.read(directory);
        List<String> differences = new ArrayList<>(differences(found, wanted));
        if (!found.teacher().equals(wanted.teacher())) {
            differences.add("it is of another teacher");
        }
        if (!found.computed().equals(wanted.computed())) {
            differences.add(
                    "its teacher computed in %s, not %s"
                            .formatted(found.computed(), wanted.computed()));
        }
        if (found.top() != wanted.top()) {
            differences.add(
                    "it lists %d tokens at a position, not %d"
                            .formatted(found.top(), wanted.top()));
        }
        if (found.precision() != wanted.precision()) {
            differences.add(
                    "it is kept in %s, not %s".formatted(found.precision(), wanted.precision()));
        }
        require(directory, differences);
        return LogitStore.open(directory);
    }

    /// Opens the one store that fits the data, whoever the teacher was and however many tokens are
    /// listed.
    ///
    /// @throws TailorException `DATA_INVALID` where none fits, or several do
    public LogitStore ofAnyTeacher(StoreHeader wanted) {
        List<Path> all = isStore(root) ? List.of(root) : stores();
        List<Path> fitting =
                all.stream()
                        .filter(path -> differences(StoreHeader.read(path), wanted).isEmpty())
                        .toList();
        if (fitting.size() == 1) {
            return LogitStore.open(fitting.getFirst());
        }
        if (all.size() == 1) {
            require(all.getFirst(), differences(StoreHeader.read(all.getFirst()), wanted));
        }
        throw TailorException.of(
                        ErrorCode.DATA_INVALID,
                        fitting.isEmpty()
                                ? "none of %d stores here fits the data".formatted(all.size())
                                : "%d stores here fit the data: %s"
                                        .formatted(
                                                fitting.size(),
                                                fitting.stream().map(Path::getFileName).toList()))
                .at(root)
                .remedy(
                        fitting.isEmpty()
                                ? "name the teacher, so that a store can be made"
                                : "name the teacher, or the directory of one store");
    }

    private static List<String> differences(StoreHeader found, StoreHeader wanted) {
        List<String> differences = new ArrayList<>();
        if (!found.tokenizer().equals(wanted.tokenizer())) {
            differences.add("it was made with another tokenizer");
        }
        if (!found.tokens().equals(wanted.tokens())) {
            differences.add("it was made of other data, or of data rendered or cut otherwise");
        }
        if (found.vocabulary() > wanted.vocabulary()) {
            differences.add(
                    "it knows %d tokens, the student %d"
                            .formatted(found.vocabulary(), wanted.vocabulary()));
        }
        if (found.temperature() != wanted.temperature()) {
            differences.add(
                    "its temperature is %s, not %s"
                            .formatted(found.temperature(), wanted.temperature()));
        }
        return differences;
    }

    private static void require(Path store, List<String> differences) {
        if (!differences.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "this store of logits does not fit: " + String.join("; ", differences))
                    .at(store)
                    .remedy("name the teacher and a directory of stores: one that fits is made");
        }
    }

    private static boolean isStore(Path directory) {
        return Files.exists(directory.resolve(StoreHeader.FILE));
    }

    private List<Path> stores() {
        if (!Files.isDirectory(root)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there are no stores of logits")
                    .at(root)
                    .remedy("name the teacher, so that one can be made");
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(Stores::isStore).sorted().toList();
        } catch (IOException e) {
            throw AtomicWrite.failure(root, e);
        }
    }
}
