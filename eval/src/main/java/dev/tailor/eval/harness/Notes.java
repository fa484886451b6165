package dev.tailor.eval.harness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is odd about a task's data and a model's answers: counted by kind, with the first case.
final class Notes {
    /// A kind: nothing can be asked about a row.
    static final String NOT_ASKED = "rows cannot be asked and are left out";

    private final Map<String, String> firstCases = new LinkedHashMap<>();
    private final Map<String, Long> counts = new LinkedHashMap<>();

    /// Notes a case of a kind: `rows cannot be asked`.
    void add(String kind, String example) {
        counts.merge(kind, 1L, Long::sum);
        firstCases.putIfAbsent(kind, example);
    }

    /// Notes cases that nobody can point at.
    void count(String kind, long cases) {
        if (cases > 0) {
            counts.merge(kind, cases, Long::sum);
        }
    }

    /// One line for each kind.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        counts.forEach((kind, count) -> {
            String first = firstCases.get(kind);
            lines.add(count + " " + kind + (first == null ? "" : "; the first: " + first));
        });
        return lines;
    }
}
