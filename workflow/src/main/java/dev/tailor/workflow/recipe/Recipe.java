package dev.tailor.workflow.recipe;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.workflow.internal.keys.Overrides;
import dev.tailor.workflow.internal.keys.YamlWriter;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A recipe: models, data, and the stages that lead from one to the next. Everything that can be
/// known from the file alone has been checked; whether models and data are there, and are what they
/// should be, has not.
///
/// @param file where it was read from; relative paths are relative to its directory
/// @param seed root of all randomness
/// @param base the model that stages call `base`
/// @param data the data sets by name, in the order of the file
/// @param stages the stages in the order they run
/// @param resolved everything, with every default written out, as plain maps, lists and scalars
public record Recipe(
        Path file,
        String name,
        long seed,
        Optional<ModelReference> base,
        Map<String, DataEntry> data,
        List<Stage> stages,
        Map<String, Object> resolved) {

    /// Reads a recipe.
    ///
    /// @throws TailorException CONFIG_INVALID at the line and column of the first mistake
    public static Recipe read(Path file) {
        return read(file, List.of());
    }

    /// Reads a recipe with some of its values changed.
    ///
    /// @param overrides `path=value` each: `seed=7`, `stages.domain.epochs=1`
    public static Recipe read(Path file, List<String> overrides) {
        YamlNode document = Yaml.read(file);
        for (String override : overrides) {
            document = Overrides.apply(document, override);
        }
        return new RecipeReader(file).read(document);
    }

    /// Reads a recipe from text; `file` gives it its name and the place its paths are relative to.
    public static Recipe parse(Path file, String text) {
        List<YamlNode> documents = Yaml.parse(file, text);
        if (documents.size() != 1) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "expected one YAML document, found " + documents.size())
                    .at(new Location(file, 1, 1));
        }
        return new RecipeReader(file).read(documents.getFirst());
    }

    /// The directory that relative paths start from.
    public Path directory() {
        Path parent = file.toAbsolutePath().normalize().getParent();
        return parent == null ? Path.of("").toAbsolutePath() : parent;
    }

    /// A stage by its name.
    public Optional<Stage> stage(String id) {
        return stages.stream().filter(stage -> stage.id().equals(id)).findFirst();
    }

    /// A data set by its name, which a stage of this recipe holds.
    public DataEntry dataEntry(String dataName) {
        return Optional.ofNullable(data.get(dataName))
                .orElseThrow(() -> new IllegalArgumentException("no data set " + dataName));
    }

    /// The recipe as YAML with every default written out.
    public String resolvedYaml() {
        return YamlWriter.write(resolved);
    }
}
