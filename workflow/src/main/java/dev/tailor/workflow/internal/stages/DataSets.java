package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataKind;
import dev.tailor.data.DataReport;
import dev.tailor.data.DataSet;
import dev.tailor.data.Rejection;
import dev.tailor.data.SampleReader;
import dev.tailor.workflow.recipe.DataEntry;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.StageState.DataUse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Opens the recipe's data sets, each once.
public final class DataSets {
    private static final int LISTED = 200;
    private static final int SHOWN = 120;

    private final Recipe recipe;
    private final Map<String, DataSet> opened = new HashMap<>();
    private final Map<String, DataSet.Split> splits = new HashMap<>();

    public DataSets(Recipe recipe) {
        this.recipe = recipe;
    }

    /// A data set by its name in the recipe, `NAME/holdout` for the part put aside.
    ///
    /// @throws TailorException at the data set's place in the recipe if it cannot be used
    public DataSet get(String name) {
        DataSet known = opened.get(name);
        if (known == null) {
            known = open(name);
            opened.put(name, known);
        }
        return known;
    }

    /// Several data sets as one, mixed by their weights.
    public DataSet mixed(List<String> names, Seed seed) {
        boolean plain = names.size() == 1 && entry(names.getFirst()).weight() == 1;
        return plain
                ? get(names.getFirst())
                : DataSet.mix(
                        names.stream()
                                .map(name -> new DataSet.Weighted(get(name), entry(name).weight()))
                                .toList(),
                        seed.of("mixture"));
    }

    /// Fails unless the data is of a kind that is needed at `place`.
    public void require(String name, Set<DataKind> accepted, Location place) {
        DataSet data = get(name);
        if (!accepted.contains(data.kind())) {
            throw dev.tailor.core.yaml.MappingReader.invalid(
                            place,
                            "'%s' is %s data, %s data is needed here"
                                    .formatted(
                                            name,
                                            DataEntry.words(Set.of(data.kind())),
                                            DataEntry.words(accepted)))
                    .remedy("it was recognised as " + data.format().id() + ": " + data.reason());
        }
    }

    /// A digest of everything that decides about the samples.
    public String digest(String name) {
        return Digest.ofString(get(name).digest() + " weight " + entry(name).weight());
    }

    /// What is in a data set and what was left out.
    public DataUse use(String name) {
        DataReport report = get(name).report();
        return new DataUse(
                name,
                report.format().id(),
                report.reason(),
                report.rows(),
                report.rejectedByReason(),
                report.rejections().stream().limit(LISTED).map(this::line).toList());
    }

    private String line(Rejection rejection) {
        String text = rejection.verbatim();
        String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        return "%s: %s%s"
                .formatted(
                        rejection.origin(),
                        rejection.reason(),
                        shown.isEmpty() ? "" : ": " + shown);
    }

    private DataSet open(String name) {
        DataEntry entry = entry(name);
        if (entry.holdOut().isPresent()) {
            DataSet.Split split = splits.get(entry.name());
            if (split == null) {
                split = split(entry);
                splits.put(entry.name(), split);
            }
            return name.endsWith(DataEntry.HOLDOUT) ? split.holdout() : split.train();
        }
        return whole(entry);
    }

    private DataSet.Split split(DataEntry entry) {
        return at(
                entry,
                () ->
                        whole(entry)
                                .split(
                                        entry.holdOut().orElseThrow(),
                                        new Seed(recipe.seed()).of(entry.name())));
    }

    private DataSet whole(DataEntry entry) {
        return at(
                entry,
                () -> {
                    DataSet data = DataSet.open(entry.source());
                    requireOneSample(data);
                    DataSet distinct = entry.deduplicate() ? data.withoutDuplicates() : data;
                    return entry.limit().isPresent()
                            ? distinct.limit(entry.limit().getAsLong())
                            : distinct;
                });
    }

    /// A stage hours later is no place to learn that there is nothing to read.
    private static void requireOneSample(DataSet data) {
        try (SampleReader reader = data.reader()) {
            reader.next();
        }
    }

    private interface Opening<T> {
        T open();
    }

    /// The failure of a data set, at its place in the recipe.
    private static <T> T at(DataEntry entry, Opening<T> opening) {
        try {
            return opening.open();
        } catch (TailorException e) {
            String where = e.where().map(place -> place + ": ").orElse("");
            TailorException placed =
                    TailorException.of(e.code(), where + e.getMessage())
                            .at(entry.place("path"))
                            .causedBy(e);
            throw e.remedy()
                    .map(placed::remedy)
                    .orElse(
                            e.code() == ErrorCode.FILE_NOT_FOUND
                                    ? placed.remedy(
                                            "paths are relative to the recipe's own directory")
                                    : placed);
        }
    }

    private DataEntry entry(String name) {
        boolean holdout = !recipe.data().containsKey(name) && name.endsWith(DataEntry.HOLDOUT);
        return recipe.dataEntry(
                holdout ? name.substring(0, name.length() - DataEntry.HOLDOUT.length()) : name);
    }
}
