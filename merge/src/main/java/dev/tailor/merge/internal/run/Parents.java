package dev.tailor.merge.internal.run;

import dev.tailor.core.yaml.FrontMatter;
import dev.tailor.merge.MergePlan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The models and adapters that a merge is made of, as a model card speaks of them.
record Parents(List<Parent> all) {
    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+");

    /// A snapshot in the Hub's cache: `models--org--name/snapshots/<revision>`.
    private static final Pattern CACHED =
            Pattern.compile("models--([A-Za-z0-9._-]+?)--([A-Za-z0-9._-]+)");

    /// A model, or an adapter on one.
    ///
    /// @param name as the configuration has it
    /// @param hubName its name on the Hub, if it is known to have one
    /// @param lineage where it comes from, if it says so
    record Parent(
            String name,
            Optional<String> hubName,
            Optional<License> license,
            Optional<ParentLineage> lineage) {}

    /// What a model's card says of its licence.
    ///
    /// @param id the Hub's identifier, such as `apache-2.0` or `other`
    /// @param name of a licence that the Hub has no identifier for
    /// @param link to the text of such a licence
    record License(String id, Optional<String> name, Optional<String> link) {
        static Optional<License> of(Path directory) {
            FrontMatter card = FrontMatter.read(directory.resolve("README.md"));
            return card.text("license")
                    .map(id ->
                            new License(id, card.text("license_name"), card.text("license_link")));
        }

        @Override
        public String toString() {
            return name.map(text -> text + " (" + id + ")").orElse(id);
        }
    }

    static Parents of(MergePlan plan) {
        List<Parent> all = new ArrayList<>();
        for (MergePlan.Model model : plan.models()) {
            String text = model.reference().text();
            int plus = text.lastIndexOf('+');
            if (model.adapter().isPresent() && plus > 0) {
                all.add(parent(text.substring(0, plus), model.directory()));
                all.add(parent(text.substring(plus + 1), model.adapter().get()));
            } else {
                all.add(parent(text, model.directory()));
            }
        }
        return new Parents(List.copyOf(new LinkedHashSet<>(all)));
    }

    private static Parent parent(String name, Path directory) {
        return new Parent(
                name, hubName(name, directory), License.of(directory), ParentLineage.of(directory));
    }

    private static Optional<String> hubName(String name, Path directory) {
        if (name.startsWith("hf:")) {
            return Optional.of(name.substring(3).replaceFirst("@.*", ""))
                    .filter(each -> HUB_NAME.matcher(each).matches());
        }
        for (Path part : directory.toAbsolutePath()) {
            Matcher cached = CACHED.matcher(part.toString());
            if (cached.matches()) {
                return Optional.of(cached.group(1) + "/" + cached.group(2));
            }
        }
        return Optional.empty();
    }

    /// The names on the Hub, each once.
    List<String> hubNames() {
        return all.stream().flatMap(parent -> parent.hubName().stream()).distinct().toList();
    }

    /// The licences that the parents name, each once.
    Set<License> licenses() {
        Set<License> licenses = new LinkedHashSet<>();
        all.forEach(parent -> parent.license().ifPresent(licenses::add));
        return licenses;
    }

    /// The licence that all of them have, if they all have one and the same.
    Optional<License> commonLicense() {
        Set<License> licenses = licenses();
        boolean everyone = all.stream().allMatch(parent -> parent.license().isPresent());
        return everyone && licenses.size() == 1
                ? Optional.of(licenses.iterator().next())
                : Optional.empty();
    }
}
