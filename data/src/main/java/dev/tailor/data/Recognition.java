package dev.tailor.data;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Tells the format of rows by their columns, and says by which.
///
/// @param format the format
/// @param reason why, in words for people
record Recognition(Format format, String reason) {
    /// How many rows are looked at.
    static final int LOOKED_AT = 64;

    private record Rule(Format format, String evidence, Predicate<RowFields> fits) {}

    // In this order: rows of the first ones often fit the later ones too.
    private static final List<Rule> RULES =
            List.of(
                    new Rule(
                            Format.PREFERENCE,
                            "'chosen' and 'rejected'",
                            row -> row.has("chosen") && row.has("rejected")),
                    new Rule(Format.UNPAIRED, "an answer and a label", Recognition::isUnpaired),
                    new Rule(
                            Format.MESSAGES,
                            "a list of messages with 'role' and 'content'",
                            row -> holds(row, "role")),
                    new Rule(
                            Format.SHAREGPT,
                            "a list of messages with 'from' and 'value'",
                            row -> holds(row, "from")),
                    new Rule(
                            Format.ALPACA,
                            "'instruction' and 'output'",
                            row -> row.has("instruction") && row.has(RowShape.OUTPUT)),
                    new Rule(
                            Format.PROMPT_COMPLETION,
                            "a prompt and its completion",
                            row -> hasPair(RowShape.COMPLETIONS, row)),
                    new Rule(
                            Format.QUESTION_ANSWER,
                            "a question and its answer",
                            row -> hasPair(RowShape.ANSWERS, row)),
                    new Rule(
                            Format.AUGMENTED,
                            "a text with questions and answers",
                            AugmentedShape::fits),
                    new Rule(
                            Format.TEXT,
                            "'text'",
                            row -> row.value(RowShape.TEXT) instanceof String));

    /// @param rows the first rows
    /// @param kind what the data is said to teach
    /// @param where the first file, for messages
    static Recognition of(List<Map<String, Object>> rows, Optional<DataKind> kind, Object where) {
        return best(rows, kind)
                .orElseThrow(() -> {
                    Optional<Recognition> other = best(rows, Optional.empty());
                    return kind.isPresent() && other.isPresent()
                            ? wrongKind(kind.get(), other.get(), where)
                            : unknown(rows, where);
                });
    }

    private static Optional<Recognition> best(
            List<Map<String, Object>> rows, Optional<DataKind> kind) {
        Rule best = null;
        int most = 0;
        Set<String> columns = Set.of();
        for (Rule rule : RULES) {
            if (kind.isPresent() && rule.format().kind() != kind.get()) {
                continue;
            }
            Set<String> used = new LinkedHashSet<>();
            int fitting = 0;
            for (Map<String, Object> row : rows) {
                fitting += rule.fits().test(new RowFields(row, used)) ? 1 : 0;
            }
            // Rows without pairs are raw text, however many they are.
            boolean only = best != null && best.format() == Format.AUGMENTED;
            if (fitting > most && !(only && rule.format() == Format.TEXT)) {
                best = rule;
                most = fitting;
                columns = used;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        String share =
                most == rows.size()
                        ? "all of the first " + rows.size() + " rows have "
                        : most + " of the first " + rows.size() + " rows have ";
        String names = columns.stream().sorted().collect(Collectors.joining(", "));
        return Optional.of(
                new Recognition(
                        best.format(), share + best.evidence() + " (columns: " + names + ")"));
    }

    private static boolean isUnpaired(RowFields row) {
        if (!row.has(RowShape.LABEL)) {
            return false;
        }
        String label = String.valueOf(row.value(RowShape.LABEL)).toLowerCase(Locale.ROOT);
        return Set.of("true", "false", "1", "0").contains(label)
                && (row.has(RowShape.CONVERSATION)
                        || hasPair(RowShape.COMPLETIONS, row)
                        || (row.has("instruction") && row.has(RowShape.OUTPUT)));
    }

    private static boolean hasPair(String[][] pairs, RowFields row) {
        return Arrays.stream(pairs).anyMatch(names -> row.has(names[0]) && row.has(names[1]));
    }

    private static boolean holds(RowFields row, String key) {
        return RowFields.unwrapped(row.value(RowShape.CONVERSATION)) instanceof List<?> list
                && !list.isEmpty()
                && list.getFirst() instanceof Map<?, ?> message
                && message.containsKey(key);
    }

    private static TailorException wrongKind(DataKind kind, Recognition found, Object where) {
        return TailorException.of(
                        ErrorCode.DATA_INVALID,
                        "not data of the kind %s but %s: %s"
                                .formatted(
                                        lower(kind), lower(found.format().kind()), found.reason()))
                .at(where)
                .remedy("columns of this kind: " + columnsOf(Optional.of(kind)));
    }

    private static TailorException unknown(List<Map<String, Object>> rows, Object where) {
        Set<String> columns = new HashSet<>();
        rows.forEach(row -> columns.addAll(row.keySet()));
        boolean evaluation = columns.contains("choices") || columns.contains("gold");
        return TailorException.of(
                        ErrorCode.DATA_INVALID,
                        "cannot tell what these rows are: their columns are "
                                + columns.stream().sorted().collect(Collectors.joining(", "))
                                + (evaluation ? " (multiple choice, for evaluation?)" : ""))
                .at(where)
                .remedy(
                        "say 'format:', and 'columns:' if they are only called otherwise; known"
                                + " are "
                                + columnsOf(Optional.empty()));
    }

    private static String columnsOf(Optional<DataKind> kind) {
        return Arrays.stream(Format.values())
                .filter(format -> kind.isEmpty() || format.kind() == kind.get())
                .map(format -> format.id() + " (" + format.columns() + ")")
                .collect(Collectors.joining("; "));
    }

    private static String lower(DataKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
