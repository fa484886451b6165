package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.MergeChain.Link;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.ModelReference;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Reads the documents of a file into merges that build on one another, each after those it uses.
public final class ChainReader {
    private static final String NAME = "name";

    private final Path file;
    private final Optional<String> text;
    private final Map<String, Link> links = new LinkedHashMap<>();
    private final Set<Link> ordered = new LinkedHashSet<>();

    /// `file` is named in messages; `text` is what stands in it, if that is nothing but merges.
    public ChainReader(Path file, Optional<String> text) {
        this.file = file;
        this.text = text;
    }

    /// Reads the documents; the last link is what is made in the end.
    public List<Link> read(List<YamlNode> documents) {
        if (documents.isEmpty()) {
            throw TailorException.of(ErrorCode.CONFIG_INVALID, "there is nothing in the file")
                    .at(file)
                    .remedy("describe a merge in mergekit's YAML");
        }
        documents.forEach(this::add);
        links.replaceAll((name, link) -> withUses(link));
        Link end = end();
        for (Link link : List.copyOf(links.values())) {
            if (link != end) {
                order(link, new ArrayList<>());
            }
        }
        order(end, new ArrayList<>());
        return List.copyOf(ordered);
    }

    private void add(YamlNode document) {
        MappingReader reader = MappingReader.of(document, "a merge");
        String name = reader.text(NAME).orElse("");
        Location place = reader.keyLocation(NAME);
        if (name.contains("/") || name.startsWith(".")) {
            throw invalid(place, "'" + name + "' cannot be the name of a directory");
        }
        MergeConfig config = new MergeConfigReader().read(withoutName(document), text);
        if (links.put(name, new Link(name, place, config, List.of())) != null) {
            throw name.isEmpty()
                    ? invalid(place, "a second merge without a name")
                            .remedy("give all but the last one a 'name'")
                    : invalid(place, "a second merge with the name '" + name + "'");
        }
    }

    private static YamlNode withoutName(YamlNode document) {
        if (!(document instanceof YamlNode.Mapping mapping)) {
            return document;
        }
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>(mapping.entries());
        entries.remove(NAME);
        return new YamlNode.Mapping(mapping.location(), entries);
    }

    private Link withUses(Link link) {
        Set<String> uses = new LinkedHashSet<>();
        for (ModelReference model : link.config().models()) {
            links.keySet().stream().filter(name -> isUsed(name, model)).forEach(uses::add);
        }
        return new Link(link.name(), link.location(), link.config(), List.copyOf(uses));
    }

    /// Whether a model is a merge's result, alone or with an adapter.
    private static boolean isUsed(String name, ModelReference model) {
        return !name.isEmpty()
                && (model.text().equals(name) || model.text().startsWith(name + "+"));
    }

    private Link end() {
        Link unnamed = links.get("");
        if (unnamed != null) {
            return unnamed;
        }
        List<Link> unused =
                links.values().stream()
                        .filter(link ->
                                links.values().stream()
                                        .noneMatch(other -> other.uses().contains(link.name())))
                        .toList();
        if (unused.isEmpty()) {
            Link first = links.values().iterator().next();
            order(first, new ArrayList<>());
        }
        if (unused.size() > 1) {
            throw invalid(
                            unused.get(1).location(),
                            "no merge uses '%s' and none uses '%s': which one is to be made?"
                                    .formatted(unused.get(0).name(), unused.get(1).name()))
                    .remedy("leave out the 'name' of the one that is the result");
        }
        return unused.getFirst();
    }

    /// Puts a link after those it uses.
    ///
    /// @param path the links that led here
    private void order(Link link, List<String> path) {
        if (path.contains(link.name())) {
            List<String> cycle =
                    new ArrayList<>(path.subList(path.indexOf(link.name()), path.size()));
            cycle.add(link.name());
            throw invalid(
                            link.location(),
                            "merges use one another in a circle: " + String.join(" -> ", cycle))
                    .remedy("a merge can only use those that do not need it");
        }
        if (ordered.contains(link)) {
            return;
        }
        List<String> longer = new ArrayList<>(path);
        longer.add(link.name());
        for (String used : link.uses()) {
            order(Objects.requireNonNull(links.get(used)), longer);
        }
        ordered.add(link);
    }
}
