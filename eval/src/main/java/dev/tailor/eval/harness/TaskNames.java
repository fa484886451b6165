package dev.tailor.eval.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names in a task file, by a look at its lines: directories hold thousands of task files, of
/// which few are asked for.
///
/// @param name of the task or the group
/// @param tags it can be chosen by
record TaskNames(Optional<String> name, List<String> tags) {
    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern NAME =
            Pattern.compile(
                    "^[\"']?(task|group)[\"']?:[ \\t]*[\"']?([^\\s\"'#\\[]+)", Pattern.MULTILINE);
    private static final Pattern TAG =
            Pattern.compile(
                    "^[\"']?tag[\"']?:[ \\t]*([^\\s#\\[].*)?(?:\\r?\\n|\\z)((?:["
                            + " \\t]*-[^\\n]*(?:\\n|\\z))*)",
                    Pattern.MULTILINE);

    static TaskNames in(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            return new TaskNames(Optional.empty(), List.of());
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        Optional<String> task = Optional.empty();
        Optional<String> group = Optional.empty();
        for (Matcher names = NAME.matcher(text); names.find(); ) {
            if (names.group(1).equals("task")) {
                task = Optional.of(names.group(2));
            } else {
                group = Optional.of(names.group(2));
            }
        }
        List<String> tags = new ArrayList<>();
        Matcher tag = TAG.matcher(text);
        if (tag.find()) {
            String one = tag.group(1);
            if (one != null) {
                tags.add(unquoted(one));
            }
            tag.group(2)
                    .lines()
                    .map(line -> unquoted(line.strip().substring(1)))
                    .forEach(tags::add);
        }
        if (task.isEmpty() && group.isEmpty() && LoraLandReader.recognises(text)) {
            return new TaskNames(Optional.of(LoraLandReader.name(file)), List.of());
        }
        boolean isList = task.filter(name -> name.startsWith("-")).isPresent();
        return new TaskNames(task.isPresent() && !isList ? task : group, tags);
    }

    private static String unquoted(String word) {
        return word.strip().replaceAll("^[\"']|[\"']$", "");
    }
}
