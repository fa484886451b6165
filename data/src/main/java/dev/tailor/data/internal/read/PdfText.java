package dev.tailor.data.internal.read;

import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text of a PDF with its line breaks undone: words divided at a line's end are joined, the
/// lines of a paragraph become one.
final class PdfText {
    private static final Pattern DIVIDED = Pattern.compile("(\\p{L})[-\u00AD]\n(\\p{Ll})");
    private static final Pattern WITHIN_PARAGRAPH =
            Pattern.compile("(?<=[^\n.:;!?])\n(?=[\\p{Ll}\\p{N}(\"'\u201C\u2018])|(?<=,)\n(?!\n)");

    private PdfText() {}

    static String of(Path file) {
        try (PDDocument document = Loader.loadPDF(file.toFile())) {
            PDFTextStripper stripper = new PDFTextStripper();
            stripper.setLineSeparator("\n");
            stripper.setParagraphEnd("\n");
            stripper.setPageEnd("\n");
            stripper.setSortByPosition(false);
            return reflow(stripper.getText(document));
        } catch (InvalidPasswordException e) {
            throw Refusal.of(file, 0, "the PDF is encrypted", "save it without a password")
                    .causedBy(e);
        } catch (IOException e) {
            throw Refusal.of(file, 0, "not a readable PDF: " + e.getMessage()).causedBy(e);
        }
    }

    static String reflow(String text) {
        String trimmed = text.replace("\r", "").replaceAll("[ \t\u00A0]+\n", "\n");
        Matcher divided = DIVIDED.matcher(trimmed);
        String joined = divided.replaceAll("$1$2");
        return WITHIN_PARAGRAPH
                .matcher(joined)
                .replaceAll(" ")
                .replaceAll("\n{3,}", "\n\n")
                .strip();
    }
}
