package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Html;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.TextBuilder;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Filters for HTML and addresses.
final class MarkupFilters {
    private static final Pattern COMMENT = Pattern.compile("<!--.*?-->", Pattern.DOTALL);
    private static final Pattern TAG = Pattern.compile("<[^>]*>");

    private MarkupFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("escape", (input, a, runtime) -> Html.escape(runtime.str(input)));
        filters.put("e", (input, a, runtime) -> Html.escape(runtime.str(input)));
        filters.put("forceescape", MarkupFilters::forceEscape);
        filters.put("safe", (input, a, runtime) -> runtime.str(input).asMarkup());
        filters.put("striptags", MarkupFilters::stripTags);
        filters.put("urlencode", MarkupFilters::urlEncode);
        filters.put("xmlattr", MarkupFilters::xmlAttributes);
    }

    private static Value forceEscape(Value input, Arguments arguments, Runtime runtime) {
        Text text = runtime.str(input);
        return Html.escape(
                text.isMarkup() ? new TextBuilder(runtime.budget()).append(text).text() : text);
    }

    private static Value stripTags(Value input, Arguments arguments, Runtime runtime) {
        Text text = runtime.str(input);
        String plain = TAG.matcher(COMMENT.matcher(text.chars()).replaceAll("")).replaceAll("");
        String joined = String.join(" ", plain.strip().split("\\s+"));
        return text.derived(
                joined.replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&#34;", "\"")
                        .replace("&quot;", "\"")
                        .replace("&#39;", "'")
                        .replace("&amp;", "&"));
    }

    private static Value urlEncode(Value input, Arguments arguments, Runtime runtime) {
        if (input instanceof Text || Iteration.ifIterable(input) == null) {
            Text text = runtime.str(input);
            return text.derived(quoted(text.chars()).replace("+", "%20").replace("%2F", "/"));
        }
        TextBuilder query = new TextBuilder(runtime.budget());
        Iterable<Value> pairs =
                input instanceof Dict dict
                        ? dict.entries().stream()
                                .map(e -> (Value) Sequence.Tuple.of(e.key(), e.value()))
                                .toList()
                        : Iteration.list(input, runtime.budget());
        for (Value pair : pairs) {
            List<Value> parts = Iteration.list(pair, runtime.budget());
            if (parts.size() != 2) {
                throw Refusal.of("urlencode needs pairs of a name and a value");
            }
            Text key = runtime.str(parts.get(0));
            Text value = runtime.str(parts.get(1));
            query.append(query.length() == 0 ? "" : "&");
            query.appendDerived(key, quoted(key.chars())).append("=");
            query.appendDerived(value, quoted(value.chars()));
        }
        return query.text();
    }

    private static String quoted(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static Value xmlAttributes(Value input, Arguments arguments, Runtime runtime) {
        boolean space = arguments.bind("xmlattr", 0, "autospace").truth("autospace", true);
        if (!(input instanceof Dict dict)) {
            throw Refusal.of("xmlattr needs a mapping, not '" + input.typeName() + "'");
        }
        TextBuilder out = new TextBuilder(runtime.budget());
        for (Dict.Entry entry : dict.entries()) {
            if (entry.value() == Value.None.NONE || entry.value() instanceof Undefined) {
                continue;
            }
            Text key = runtime.str(entry.key());
            if (key.chars().chars().anyMatch(c -> " \t\n\r\f\u000B/>=".indexOf(c) >= 0)) {
                throw Refusal.of("Invalid character in attribute name: '" + key + "'");
            }
            out.append(space || out.length() > 0 ? " " : "");
            out.append(Html.escape(key)).append("=\"");
            out.append(Html.escape(runtime.str(entry.value()))).append("\"");
        }
        return out.text();
    }
}
