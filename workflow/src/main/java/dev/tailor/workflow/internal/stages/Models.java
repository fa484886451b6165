package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.hub.HubCache;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.Digests;
import dev.tailor.workflow.store.RunDirectory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Finds the directories that a recipe's model references stand for.
public final class Models {
    private final Recipe recipe;
    private final RunDirectory directory;
    private final Digests digests;
    private final HubCache hub;

    public Models(Recipe recipe, RunDirectory directory, Digests digests, Event.Listener listener) {
        this.recipe = recipe;
        this.directory = directory;
        this.digests = digests;
        this.hub = HubCache.ofUser(listener);
    }

    /// Where a model lies, with an adapter if the reference names one. `place` is where the
    /// reference stands.
    ///
    /// @throws TailorException FILE_NOT_FOUND if it is not there
    public ModelSource source(ModelReference reference, Location place) {
        return switch (reference) {
            case ModelReference.Base base -> {
                ModelSource source = source(base(place), place);
                yield new ModelSource(base.text(), source.directory(), source.adapter());
            }
            case ModelReference.Produced produced ->
                    new ModelSource(produced.stage(), produced(produced, place), Optional.empty());
            case ModelReference.Directory(String text, Path path) ->
                    new ModelSource(text, existing(path, "config.json", place), Optional.empty());
            case ModelReference.Hub model ->
                    new ModelSource(model.text(), hub(model, place), Optional.empty());
            case ModelReference.Adapted(String text, ModelReference m, ModelReference adapter) ->
                    new ModelSource(
                            text,
                            source(m, place).directory(),
                            Optional.of(adapter(adapter, place)));
        };
    }

    /// The digest of a model that is there.
    public String digest(ModelReference reference, Location place) {
        ModelSource source = source(reference, place);
        String model = digests.ofModel(source.directory());
        return source.adapter()
                .map(adapter -> Digest.ofString(model + "+" + digests.ofModel(adapter)))
                .orElse(model);
    }

    private ModelReference base(Location place) {
        return recipe.base()
                .orElseThrow(() -> new IllegalStateException("no base, yet one at " + place));
    }

    private Path produced(ModelReference.Produced produced, Location place) {
        Path stage = directory.stage(produced.stage());
        if (!Files.exists(stage.resolve("config.json"))) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND,
                            "the stage '" + produced.stage() + "' has made no model yet")
                    .at(place);
        }
        return stage;
    }

    private Path hub(ModelReference.Hub model, Location place) {
        try {
            return hub.directory(model.repository(), model.revision());
        } catch (TailorException e) {
            throw e.at(place);
        }
    }

    /// A PEFT directory; of a stage, the adapter that it trained.
    private Path adapter(ModelReference reference, Location place) {
        return switch (reference) {
            case ModelReference.Produced produced ->
                    existing(
                            directory.stage(produced.stage()).resolve("adapter"),
                            "adapter_config.json",
                            place);
            case ModelReference.Directory(String text, Path path) ->
                    existing(path, "adapter_config.json", place);
            case ModelReference.Base base -> adapter(base(place), place);
            case ModelReference.Hub model -> hub(model, place);
            case ModelReference.Adapted adapted ->
                    throw TailorException.of(
                                    ErrorCode.CONFIG_INVALID,
                                    "'" + adapted.text() + "' is a model, not an adapter")
                            .at(place);
        };
    }

    private static Path existing(Path path, String file, Location place) {
        if (!Files.isDirectory(path)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no directory " + path)
                    .at(place)
                    .remedy("relative paths start from the recipe's directory");
        }
        if (!Files.exists(path.resolve(file))) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, path + " holds no " + file)
                    .at(place)
                    .remedy(
                            file.startsWith("adapter")
                                    ? "an adapter is a directory as PEFT writes it"
                                    : "a model is a directory in Hugging Face layout");
        }
        return path;
    }
}
