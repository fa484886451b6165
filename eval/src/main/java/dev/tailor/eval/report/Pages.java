package dev.tailor.eval.report;

import dev.tailor.core.html.Html;
import dev.tailor.core.html.HtmlPage;

import java.util.ArrayList;
import java.util.List;

/// What the pages of evaluations have in common.
final class Pages {
    private Pages() {}

    /// A page that stands alone.
    static String page(String title, String lead, List<Html> sections) {
        return new HtmlPage(
                        title + " · Tailor",
                        HtmlPage.style(Pages.class, "evaluation.css"),
                        Html.of("<h1>{}</h1><p class=\"lead\">{}</p>", title, lead),
                        Html.join(sections),
                        Html.of("Written by Tailor."))
                .markup();
    }

    /// A part of a page with its heading; nothing without content.
    static Html section(String title, Html content) {
        return content.markup().isBlank()
                ? Html.NOTHING
                : Html.of("<section><h2>{}</h2>\n{}</section>\n", title, content);
    }

    /// A table of rows whose first is the head and whose first column is text; the rest stands to
    /// the right. A cell that begins with a sign is a difference; with `*` it is significant.
    static Html table(List<List<String>> rows) {
        List<Html> head = new ArrayList<>();
        List<Html> body = new ArrayList<>();
        for (String cell : rows.getFirst()) {
            head.add(Html.of("<th>{}</th>", cell));
        }
        for (List<String> row : rows.subList(1, rows.size())) {
            List<Html> cells = new ArrayList<>();
            cells.add(Html.of("<th scope=\"row\">{}</th>", row.getFirst()));
            row.subList(1, row.size()).forEach(cell -> cells.add(cell(cell)));
            body.add(Html.of("<tr>{}</tr>\n", cells));
        }
        return Html.of(
                """
                <div class="scroll"><table><thead><tr>{}</tr></thead>
                <tbody>{}</tbody></table></div>
                """,
                head,
                body);
    }

    private static Html cell(String text) {
        if (text.matches("[+-][0-9.]+\\*?.*")) {
            String look = text.contains("*") ? text.startsWith("+") ? "good" : "bad" : "noise";
            return Html.of("<td class=\"{}\">{}</td>", look, text);
        }
        return Html.of("<td>{}</td>", text);
    }

    /// Charts side by side; nothing without any.
    static Html charts(List<PointChart> charts) {
        List<Html> drawn =
                charts.stream()
                        .map(PointChart::render)
                        .filter(html -> !html.markup().isBlank())
                        .toList();
        return drawn.isEmpty() ? Html.NOTHING : Html.of("<div class=\"charts\">{}</div>", drawn);
    }

    /// A paragraph in small print.
    static Html note(String text) {
        return Html.of("<p class=\"note\">{}</p>\n", text);
    }
}
