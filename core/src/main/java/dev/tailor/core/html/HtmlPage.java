package dev.tailor.core.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// A page that stands alone: one file with everything in it, which loads nothing from anywhere and
/// runs no script.
///
/// @param title of the window
/// @param style the style sheet
/// @param header the content of `header`; `main` and `footer` likewise
public record HtmlPage(String title, Html style, Html header, Html main, Html footer) {
    /// A style sheet that lies beside a class.
    public static Html style(Class<?> owner, String name) {
        try (InputStream in = owner.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new Html(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The whole document.
    public String markup() {
        return Html.of(
                        """
                        <!doctype html>
                        <html lang="en">
                        <head>
                        <meta charset="utf-8">
                        <meta name="viewport" content="width=device-width, initial-scale=1">
                        <meta http-equiv="Content-Security-Policy" \
                        content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
                        <meta name="color-scheme" content="light dark">
                        <title>{}</title>
                        <style>
                        {}</style>
                        </head>
                        <body>
                        <header>{}</header>
                        <main>
                        {}</main>
                        <footer>{}</footer>
                        </body>
                        </html>
                        """,
                        title,
                        style,
                        header,
                        main,
                        footer)
                .markup();
    }
}
