package dev.tailor.serve.internal.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The chat page.
final class Page {
    static final String HTML = read();

    private Page() {}

    private static String read() {
        try (InputStream page = Page.class.getResourceAsStream("chat.html")) {
            if (page == null) {
                throw new IllegalStateException("chat.html is missing from the jar");
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
