package dev.tailor.merge.internal.run;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergePlan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The weight files of a merge as they were when it began: size, time and identity, which tell
/// whether one was changed meanwhile.
record InputFiles(List<State> states) {
    /// One file.
    record State(Path file, long bytes, String stamp) {}

    static InputFiles of(MergePlan plan) {
        List<State> states = new ArrayList<>();
        for (MergePlan.Model model : plan.models()) {
            addAll(model.directory(), states);
            model.adapter().ifPresent(adapter -> addAll(adapter, states));
        }
        return new InputFiles(List.copyOf(states));
    }

    private static void addAll(Path directory, List<State> states) {
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.getFileName().toString().endsWith(".safetensors"))
                    .sorted()
                    .forEach(file -> states.add(state(file)));
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private static State state(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new State(
                    file,
                    attributes.size(),
                    attributes.lastModifiedTime() + " " + attributes.fileKey());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static TailorException unreadable(Path path, IOException e) {
        return TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                .at(path)
                .causedBy(e);
    }

    /// Says which file is not what it was.
    void requireUnchanged() {
        for (State before : states) {
            if (!state(before.file()).equals(before)) {
                throw TailorException.of(
                                ErrorCode.FILE_CORRUPT, "the file changed while it was merged")
                        .at(before.file())
                        .remedy(
                                "run the same command again when nothing writes there any more; it"
                                        + " begins anew");
            }
        }
    }
}
