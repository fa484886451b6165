package dev.tailor.data.internal.read;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What a file really is by its first bytes, for error messages.
final class Sniff {
    static final String EMPTY = "an empty file";

    private Sniff() {}

    /// A few words such as "an HTML page".
    static String describe(byte[] head, int length) {
        String text = new String(head, 0, Math.min(length, 512), StandardCharsets.ISO_8859_1);
        String lower = text.stripLeading().toLowerCase(Locale.ROOT);
        if (length == 0) {
            return EMPTY;
        } else if (text.startsWith("PAR1")) {
            return "a Parquet file";
        } else if (text.startsWith("%PDF")) {
            return "a PDF document";
        } else if (text.startsWith("PK\u0003\u0004")) {
            return "a ZIP archive (or an Office document)";
        } else if (text.startsWith("\u001f\u008b")) {
            return "a gzip file";
        } else if (text.startsWith("\u0028\u00b5\u002f\u00fd")) {
            return "a Zstandard file";
        } else if (text.startsWith("SQLite format 3")) {
            return "an SQLite database";
        } else if (text.startsWith("\u00ff\u00fe") || text.startsWith("\u00fe\u00ff")) {
            return "UTF-16 text";
        } else if (lower.startsWith("version https://git-lfs")) {
            return "a Git LFS pointer, not the file itself";
        } else if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
            return "an HTML page";
        } else if (lower.startsWith("<?xml") || lower.startsWith("<")) {
            return "XML or HTML";
        } else if (text.indexOf('\0') >= 0) {
            return "binary data";
        } else if (lower.startsWith("{") || lower.startsWith("[")) {
            return "JSON";
        }
        return "plain text";
    }

    /// What to do about it.
    static String remedy(String description) {
        return switch (description) {
            case "a Git LFS pointer, not the file itself" -> "fetch the file: git lfs pull";
            case "an HTML page", "XML or HTML" ->
                    "the download brought a page instead of the file: get the file itself";
            case "a gzip file" -> "name it with .gz at the end";
            case "UTF-16 text" -> "convert it: iconv -f UTF-16 -t UTF-8";
            case "a ZIP archive (or an Office document)" -> "unpack it, or save it as PDF or text";
            case "a Parquet file" -> "name it .parquet";
            case "a PDF document" -> "name it .pdf";
            default -> "make or download the file again, or give it the name of what it is";
        };
    }
}
