package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.RawRows;

import java.util.List;
import java.util.Map;

/// Where one file holds all splits and a column says which one a row belongs to.
///
/// @param column its name
/// @param values for each split what the column may say, the likeliest first
public record SplitColumn(String column, Map<String, List<String>> values) {
    /// Whether rows say which split they belong to.
    boolean isIn(RawRows rows) {
        return rows.rows().getFirst().fields().containsKey(column);
    }

    /// The rows of a split: those with the first of its values that any row has.
    ///
    /// @throws TailorException `DATA_INVALID` if no row belongs to it
    RawRows rows(RawRows all, String split) {
        List<String> accepted = values.getOrDefault(split, List.of(split));
        for (String value : accepted) {
            List<RawRows.Row> own =
                    all.rows().stream()
                            .filter(row -> RowReader.python(row.fields().get(column)).equals(value))
                            .toList();
            if (!own.isEmpty()) {
                return new RawRows(own, all.damaged());
            }
        }
        throw TailorException.of(
                        ErrorCode.DATA_INVALID,
                        "no row belongs to the split '%s': the column '%s' says %s nowhere"
                                .formatted(split, column, String.join(" or ", accepted)))
                .at(all.rows().getFirst().origin().file());
    }
}
