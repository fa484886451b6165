package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Understands the words a recipe uses for models. Stages are known as far as the reading has come,
/// so that a reference can only lead back.
final class ReferenceReader {
    static final String BASE = "base";

    private final Path directory;
    private final boolean hasBase;
    private final List<String> allStages;
    private final Map<String, Stage> passed = new LinkedHashMap<>();

    ReferenceReader(Path directory, boolean hasBase, List<String> allStages) {
        this.directory = directory;
        this.hasBase = hasBase;
        this.allStages = allStages;
    }

    /// From here on the stage may be referred to.
    void passed(String id, Stage stage) {
        passed.put(id, stage);
    }

    /// A model within a stage, relative to the recipe.
    ModelReference read(String text, Location place) {
        return read(text, place, directory);
    }

    /// A model within a stage; directories are relative to `root`.
    ModelReference read(String text, Location place, Path root) {
        if (text.equals(BASE)) {
            if (!hasBase) {
                throw invalid(place, "the recipe names no 'base' model")
                        .remedy("add 'base: ./path/to/model' at the top of the recipe");
            }
            return new ModelReference.Base();
        }
        if (allStages.contains(text)) {
            return stage(text, place);
        }
        int plus = text.lastIndexOf('+');
        if (plus > 0 && plus < text.length() - 1 && !exists(text, root)) {
            return new ModelReference.Adapted(
                    text,
                    read(text.substring(0, plus), place, root),
                    read(text.substring(plus + 1), place, root));
        }
        if (isOutside(text, root)) {
            return outside(text, place, root);
        }
        throw unknown(text, place);
    }

    /// A model that no stage makes: a directory or one of the Hub's.
    ModelReference outside(String text, Location place, Path root) {
        if (text.startsWith("hf:")) {
            String name = text.substring(3);
            int at = name.indexOf('@');
            String repository = at < 0 ? name : name.substring(0, at);
            String revision = at < 0 ? "main" : name.substring(at + 1);
            if (!repository.matches("[\\w.-]+/[\\w.-]+") || !revision.matches("[\\w./-]+")) {
                throw invalid(place, "'" + text + "' is not of the form hf:org/name[@revision]");
            }
            return new ModelReference.Hub(text, repository, revision);
        }
        try {
            return new ModelReference.Directory(text, root.resolve(text).normalize());
        } catch (InvalidPathException e) {
            throw invalid(place, "'" + text + "' is not a path").causedBy(e);
        }
    }

    private ModelReference stage(String id, Location place) {
        Stage stage = passed.get(id);
        if (stage == null) {
            throw invalid(place, "the stage '" + id + "' comes later")
                    .remedy("a stage can only use what stages before it made");
        }
        if (!stage.makesModel()) {
            throw invalid(place, "the stage '" + id + "' makes no model (" + stage.kind() + ")");
        }
        return new ModelReference.Produced(id);
    }

    private RuntimeException unknown(String text, Location place) {
        List<String> known = new ArrayList<>();
        if (hasBase) {
            known.add(BASE);
        }
        passed.forEach((id, stage) -> {
            if (stage.makesModel()) {
                known.add(id);
            }
        });
        String advice =
                known.isEmpty()
                        ? "no stage before this one makes a model"
                        : Suggestion.advice(text, known);
        return invalid(place, "there is no stage '" + text + "'")
                .remedy(advice + " (a directory is written with a slash: ./" + text + ")");
    }

    private static boolean isOutside(String text, Path root) {
        return text.startsWith("hf:")
                || text.startsWith(".")
                || text.contains("/")
                || text.contains("\\")
                || exists(text, root);
    }

    private static boolean exists(String text, Path root) {
        try {
            return Files.exists(root.resolve(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
