package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Refusal;

import java.util.HashMap;
import java.util.Map;

/// The filters by their names.
final class Filters {
    static final Map<String, Filter> ALL = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        Map<String, Filter> filters = new HashMap<>();
        TextFilters.addTo(filters);
        MarkupFilters.addTo(filters);
        NumberFilters.addTo(filters);
        SequenceFilters.addTo(filters);
        SelectionFilters.addTo(filters);
        filters.put("tojson", JsonFilter::apply);
        for (String name : new String[] {"pprint", "random", "urlize", "wordwrap"}) {
            filters.put(
                    name,
                    (input, arguments, runtime) -> {
                        throw Refusal.of("the filter '" + name + "' is not supported");
                    });
        }
        return Map.copyOf(filters);
    }
}
