package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Finds tasks, groups and tags by name in directories of task files, and in Tailor's own pack.
public final class TaskLibrary {
    private static final int MAX_FILES = 100_000;
    private static final int MAX_DEPTH = 12;

    private final Map<String, YamlNode.Mapping> named = new TreeMap<>();
    private final Map<String, Path> files = new TreeMap<>();
    private final Map<String, Set<String>> tags = new TreeMap<>();

    private TaskLibrary() {}

    /// The tasks below some directories, and Tailor's own where these have none of that name.
    public static TaskLibrary of(List<Path> directories) {
        TaskLibrary library = new TaskLibrary();
        TaskPack.mappings()
                .forEach((name, mapping) -> {
                    library.named.put(name, mapping);
                    MappingReader.of(mapping, "a task")
                            .texts("tag")
                            .forEach(tag -> library.tag(tag, name));
                });
        directories.forEach(library::index);
        return library;
    }

    /// The categories of the tasks of Tailor's pack, by their names.
    public static Map<String, String> packCategories() {
        Map<String, String> categories = new LinkedHashMap<>();
        TaskPack.mappings()
                .forEach((name, mapping) ->
                        TaskReader.read(name, mapping)
                                .category()
                                .ifPresent(category -> categories.put(name, category)));
        return categories;
    }

    /// The names of all tasks and groups.
    public List<String> names() {
        Set<String> names = new TreeSet<>(named.keySet());
        names.addAll(files.keySet());
        names.addAll(tags.keySet());
        return List.copyOf(names);
    }

    /// Whether there is a task, a group or a tag of that name.
    public boolean has(String name) {
        return files.containsKey(name) || named.containsKey(name) || tags.containsKey(name);
    }

    /// What a name or a file stands for.
    ///
    /// @throws TailorException `CONFIG_INVALID` with the place, for a task that cannot be read or
    ///   needs Python
    public TaskSelection select(String nameOrFile) {
        if (isFile(nameOrFile)) {
            Path file = Path.of(nameOrFile);
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                index(folder);
            }
            return select(mapping(file, 0), nameOrFile, 0);
        }
        return named(nameOrFile, 0);
    }

    /// Whether a word on the command line is the file of a task.
    public static boolean isFile(String word) {
        return (word.endsWith(".yaml") || word.endsWith(".yml"))
                && Files.isRegularFile(Path.of(word));
    }

    /// The task files of LoRA Land in a directory: `*.yaml` and `*/metadata.yaml`, by name. Empty
    /// for any other directory.
    public static List<Path> loraLandFiles(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(directory, 2)) {
            List<Path> found = new ArrayList<>();
            for (Path file : walk.sorted().limit(MAX_FILES).toList()) {
                if (isFile(file.toString()) && LoraLandReader.recognises(Yaml.text(file))) {
                    found.add(file);
                }
            }
            return found;
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read the directory")
                    .at(directory)
                    .causedBy(e);
        }
    }

    private TaskSelection named(String name, int depth) {
        if (depth > MAX_DEPTH) {
            throw TailorException.of(
                    ErrorCode.CONFIG_INVALID, "the group '" + name + "' contains itself");
        }
        if (files.containsKey(name)) {
            return select(mapping(files.get(name), 0), name, depth);
        }
        YamlNode.Mapping own = named.get(name);
        if (own != null) {
            return select(own, name, depth);
        }
        Set<String> tagged = tags.get(name);
        if (tagged != null) {
            List<TaskSelection> parts = new ArrayList<>();
            tagged.forEach(task -> parts.add(named(task, depth + 1)));
            return TaskSelection.of(parts);
        }
        throw TailorException.of(ErrorCode.CONFIG_INVALID, "there is no task '" + name + "'")
                .remedy(Suggestion.advice(name, names()));
    }

    private TaskSelection select(YamlNode.Mapping mapping, String name, int depth) {
        if (LoraLandReader.recognises(mapping)) {
            Path file = mapping.location().file();
            return TaskSelection.of(LoraLandReader.read(LoraLandReader.name(file), mapping));
        }
        YamlNode.Entry task = mapping.entries().get("task");
        if (task != null && task.value() instanceof YamlNode.Sequence members) {
            return group(mapping, members, name, depth);
        }
        String title = task == null ? name : MappingReader.text(task.value(), "'task'");
        return TaskSelection.of(TaskReader.read(title, mapping));
    }

    private TaskSelection group(
            YamlNode.Mapping mapping, YamlNode.Sequence members, String name, int depth) {
        MappingReader reader = MappingReader.of(mapping, "a group");
        String title = reader.text("group").orElse(name);
        List<TaskSelection> parts = new ArrayList<>();
        for (YamlNode member : members.items()) {
            parts.add(member(member, depth));
        }
        TaskSelection inside = TaskSelection.of(parts);
        List<TaskGroup.Mean> means = new ArrayList<>();
        for (YamlNode item : reader.list("aggregate_metric_list")) {
            MappingReader own = MappingReader.of(item, "an aggregated metric");
            List<String> filters = own.texts("filter_list");
            means.add(
                    new TaskGroup.Mean(
                            MappingReader.text(own.required("metric"), "'metric'"),
                            filters.isEmpty() ? List.of("none") : filters,
                            PythonYaml.truth(own, "weight_by_size").orElse(true)));
        }
        List<String> names = parts.stream().map(TaskSelection::title).toList();
        List<TaskGroup> groups = new ArrayList<>(inside.groups());
        groups.add(
                new TaskGroup(
                        title,
                        names,
                        inside.tasks().stream().map(TaskConfig::name).toList(),
                        means));
        return new TaskSelection(title, inside.tasks(), groups);
    }

    private TaskSelection member(YamlNode member, int depth) {
        if (!(member instanceof YamlNode.Mapping own)) {
            return named(MappingReader.text(member, "'task'"), depth + 1);
        }
        YamlNode.Entry task = own.entries().get("task");
        if (task == null) {
            throw MappingReader.invalid(own.location(), "a member of a group needs 'task'");
        }
        if (task.value() instanceof YamlNode.Sequence members) {
            return group(own, members, "group", depth + 1);
        }
        String name = MappingReader.text(task.value(), "'task'");
        boolean complete =
                own.entries().containsKey("include") || own.entries().containsKey("dataset_path");
        Path file = own.location().file();
        YamlNode.Mapping base =
                complete || !(files.containsKey(name) || named.containsKey(name))
                        ? included(own, file, 0)
                        : merged(base(name), own);
        return TaskSelection.of(TaskReader.read(name, base));
    }

    private YamlNode.Mapping base(String name) {
        Path file = files.get(name);
        return file != null ? mapping(file, 0) : Objects.requireNonNull(named.get(name));
    }

    private static YamlNode.Mapping mapping(Path file, int depth) {
        boolean isLoraLand = LoraLandReader.recognises(Yaml.text(file));
        YamlNode node = isLoraLand ? Yaml.readLoosely(file) : Yaml.read(file);
        if (node instanceof YamlNode.Mapping mapping) {
            return included(mapping, file, depth);
        }
        throw TailorException.of(ErrorCode.CONFIG_INVALID, "a task file must hold a mapping")
                .at(file);
    }

    /// A mapping over what it includes.
    private static YamlNode.Mapping included(YamlNode.Mapping mapping, Path file, int depth) {
        MappingReader reader = MappingReader.of(mapping, "a task file");
        if (depth > MAX_DEPTH) {
            throw MappingReader.invalid(
                    reader.valueLocation("include"), "files include each other without end");
        }
        List<String> includes = reader.texts("include");
        YamlNode.Mapping base = new YamlNode.Mapping(mapping.location(), Map.of());
        for (String include : includes.reversed()) {
            Path other = file.resolveSibling(include);
            if (!Files.isRegularFile(other)) {
                throw TailorException.of(
                                ErrorCode.FILE_NOT_FOUND,
                                "the included file '" + include + "' is not there")
                        .at(reader.valueLocation("include"));
            }
            base = merged(base, mapping(other, depth + 1));
        }
        return merged(base, mapping);
    }

    private static YamlNode.Mapping merged(YamlNode.Mapping base, YamlNode.Mapping over) {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>(base.entries());
        entries.putAll(over.entries());
        entries.remove("include");
        return new YamlNode.Mapping(over.location(), entries);
    }

    private void tag(String tag, String task) {
        tags.computeIfAbsent(tag, t -> new LinkedHashSet<>()).add(task);
    }

    /// Notes the names in all task files below a directory without reading them in full.
    private void index(Path directory) {
        try (Stream<Path> walk = Files.walk(directory, MAX_DEPTH)) {
            List<Path> found =
                    walk.filter(file -> file.toString().endsWith(".yaml"))
                            .filter(Files::isRegularFile)
                            .sorted()
                            .limit(MAX_FILES)
                            .toList();
            for (Path file : found) {
                TaskNames names = TaskNames.in(file);
                names.name()
                        .ifPresent(name -> {
                            files.put(name, file);
                            names.tags().forEach(tag -> tag(tag, name));
                        });
            }
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read the directory")
                    .at(directory)
                    .causedBy(e);
        }
    }
}
