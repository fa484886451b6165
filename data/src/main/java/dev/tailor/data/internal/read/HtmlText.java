package dev.tailor.data.internal.read;

import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/// The readable text of an HTML page: headings, lists and tables in Markdown's manner; without
/// scripts, navigation and forms.
final class HtmlText {
    private static final String NOISE =
            "script,style,noscript,template,nav,header nav,footer,aside,form,button,svg,iframe,"
                    + "[hidden],[aria-hidden=true]";
    private static final Set<String> BLOCKS =
            Set.of(
                    "p",
                    "div",
                    "section",
                    "article",
                    "main",
                    "ul",
                    "ol",
                    "table",
                    "blockquote",
                    "dl",
                    "dt",
                    "dd",
                    "figure",
                    "figcaption",
                    "header",
                    "address",
                    "body",
                    "hr");

    private final StringBuilder text = new StringBuilder();

    private HtmlText() {}

    /// The text of a page; its encoding is taken from the page itself, UTF-8 if it says nothing.
    static String of(InputStream page) throws IOException {
        Document document = Jsoup.parse(page, null, "");
        document.select(NOISE).remove();
        HtmlText reader = new HtmlText();
        String title = document.title().strip();
        if (!title.isEmpty() && document.select("h1").isEmpty()) {
            reader.text.append("# ").append(title).append("\n\n");
        }
        reader.children(document.body());
        return reader.text
                .toString()
                .replaceAll("[ \t]+\n", "\n")
                .replaceAll("\n{3,}", "\n\n")
                .strip();
    }

    private void children(Element element) {
        for (Node child : element.childNodes()) {
            if (child instanceof TextNode words) {
                inline(words.text());
            } else if (child instanceof Element inner) {
                element(inner);
            }
        }
    }

    private void element(Element element) {
        String name = element.normalName();
        switch (name) {
            case "h1", "h2", "h3", "h4", "h5", "h6" -> {
                blank();
                text.append("#".repeat(name.charAt(1) - '0')).append(' ');
                text.append(element.text());
                blank();
            }
            case "br" -> text.append('\n');
            case "li" -> {
                line();
                text.append("- ");
                children(element);
                line();
            }
            case "tr" -> {
                line();
                text.append(String.join(" | ", element.select("th,td").eachText()));
                line();
            }
            case "pre" -> {
                blank();
                text.append("```\n").append(element.wholeText().strip()).append("\n```");
                blank();
            }
            default -> {
                boolean block = BLOCKS.contains(name);
                if (block) {
                    blank();
                }
                children(element);
                if (block) {
                    blank();
                }
            }
        }
    }

    private void inline(String words) {
        boolean atLineStart = text.isEmpty() || text.charAt(text.length() - 1) == '\n';
        text.append(atLineStart ? words.stripLeading() : words);
    }

    private void line() {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
            text.append('\n');
        }
    }

    private void blank() {
        line();
        if (!text.isEmpty()) {
            text.append('\n');
        }
    }
}
