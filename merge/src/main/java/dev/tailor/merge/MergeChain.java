package dev.tailor.merge;

import dev.tailor.core.Location;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.internal.config.ChainReader;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Merges that build on one another: the documents of one YAML file. A document with a `name` is an
/// intermediate merge that others use by that name; the one without, or the only one that no other
/// uses, is what is made in the end.
///
/// @param links in an order in which each comes after those it uses; the last one is the end
public record MergeChain(List<Link> links) {
    public MergeChain {
        links = List.copyOf(links);
    }

    /// One merge.
    ///
    /// @param name what others call it; of the last one it may be empty
    /// @param location of the name
    /// @param uses the names of the merges whose results it reads
    public record Link(String name, Location location, MergeConfig config, List<String> uses) {}

    /// Reads a file of one or more documents.
    public static MergeChain read(Path file) {
        String text = Yaml.text(file);
        return new MergeChain(
                new ChainReader(file, Optional.of(text)).read(Yaml.parse(file, text)));
    }

    /// Reads documents; `file` is named in messages.
    public static MergeChain read(Path file, List<YamlNode> documents) {
        return new MergeChain(new ChainReader(file, Optional.empty()).read(documents));
    }

    /// What is made in the end.
    public Link last() {
        return links.getLast();
    }

    /// The merges that only serve others.
    public List<Link> intermediates() {
        return links.subList(0, links.size() - 1);
    }
}
