package dev.tailor.merge.internal.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the user should know of a plan. What holds for many tensors is said once.
final class Notes {
    private final Map<String, List<String>> tensors = new LinkedHashMap<>();

    /// Adds a note of its own.
    void add(String note) {
        tensors.putIfAbsent(note, List.of());
    }

    /// Adds a tensor to what `note` holds for; `%s` in it stands for the tensors.
    void add(String note, String tensor) {
        tensors.computeIfAbsent(note, key -> new ArrayList<>()).add(tensor);
    }

    /// The notes, in the order of their first occasions.
    List<String> all() {
        List<String> all = new ArrayList<>();
        tensors.forEach((note, names) ->
                all.add(names.isEmpty() ? note : note.replace("%s", inWords(names))));
        return List.copyOf(all);
    }

    private static String inWords(List<String> names) {
        String first = "'" + names.getFirst() + "'";
        return switch (names.size()) {
            case 1 -> first;
            case 2 -> first + " and '" + names.getLast() + "'";
            default -> first + " and " + (names.size() - 1) + " more tensors";
        };
    }
}
