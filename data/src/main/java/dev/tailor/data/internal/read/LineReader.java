package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// The lines of a text file as bytes in a buffer that is used again. Lines end with `\n`; a `\r`
/// before it stays.
final class LineReader implements AutoCloseable {
    private final Path file;
    private final InputStream in;
    private final int maxLine;
    private final CharsetDecoder utf8 =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
    private byte[] buffer = new byte[1 << 16];
    private int filled;
    private int next;
    private int start;
    private int end;
    private long line;
    private boolean ended;
    private boolean terminated;

    LineReader(Path file, InputStream in, int maxLine) {
        this.file = file;
        this.in = in;
        this.maxLine = maxLine;
    }

    /// Goes to the next line; false at the end of the file.
    boolean next() {
        int searched = next;
        while (true) {
            for (int i = searched; i < filled; i++) {
                if (buffer[i] == '\n') {
                    return found(i, i + 1, true);
                }
            }
            searched = filled - next;
            if (ended) {
                return next < filled && found(filled, filled, false);
            }
            if (searched > maxLine) {
                throw Refusal.of(
                        file,
                        line + 1,
                        "a line of more than " + maxLine + " bytes",
                        "write one row per line");
            }
            refill();
        }
    }

    private boolean found(int lineEnd, int following, boolean withLineFeed) {
        start = next;
        end = lineEnd;
        next = following;
        terminated = withLineFeed;
        line++;
        return true;
    }

    /// Moves what is left to the front and reads more behind it.
    private void refill() {
        int left = filled - next;
        byte[] target =
                left > buffer.length / 2
                        ? new byte[(int) Math.min(2L * buffer.length, Integer.MAX_VALUE - 8)]
                        : buffer;
        System.arraycopy(buffer, next, target, 0, left);
        buffer = target;
        next = 0;
        filled = left;
        try {
            int read = in.read(buffer, filled, buffer.length - filled);
            if (read < 0) {
                ended = true;
            } else {
                filled += read;
            }
        } catch (IOException e) {
            throw Refusal.unreadable(file, e);
        }
    }

    byte[] buffer() {
        return buffer;
    }

    int start() {
        return start;
    }

    int length() {
        return end - start;
    }

    /// The number of the line, from 1.
    long line() {
        return line;
    }

    /// Whether the line ended with a line feed; only a file's last line may lack one.
    boolean isTerminated() {
        return terminated;
    }

    boolean isBlank() {
        for (int i = start; i < end; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    /// The line as text, without its line end; `null` if it is not UTF-8.
    @Nullable String decoded() {
        int length = length();
        boolean ascii = true;
        for (int i = start; i < end && ascii; i++) {
            ascii = buffer[i] >= 0;
        }
        if (ascii) {
            return new String(buffer, start, length, StandardCharsets.ISO_8859_1);
        }
        try {
            return utf8.decode(ByteBuffer.wrap(buffer, start, length)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /// The line as text, without its line end.
    ///
    /// @throws dev.tailor.core.TailorException `DATA_INVALID` if it is not UTF-8 or holds a zero
    ///   byte
    String text() {
        for (int i = start; i < end; i++) {
            if (buffer[i] == 0) {
                throw Refusal.of(
                        file,
                        line,
                        "binary data, not text",
                        "give it the name of what it is, or leave it out");
            }
        }
        String text = decoded();
        if (text == null) {
            throw Refusal.notUtf8(file, line);
        }
        return text;
    }

    /// The beginning of the line, for messages; never fails.
    String excerpt() {
        return excerpt(new String(buffer, start, Math.min(length(), 800), StandardCharsets.UTF_8));
    }

    static String excerpt(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }

    /// The first bytes from the current line on.
    byte[] head() {
        return Arrays.copyOfRange(buffer, start, Math.min(filled, start + 512));
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw Refusal.unreadable(file, e);
        }
    }
}
