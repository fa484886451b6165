package dev.tailor.data.internal.read;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Opens a file that holds text: unpacked, without a byte order mark, known not to be something
/// else altogether.
final class TextInput {
    private static final int HEAD = 512;

    private TextInput() {}

    /// @throws dev.tailor.core.TailorException `DATA_INVALID` for a packed, UTF-16 or otherwise
    ///   surprising file
    static InputStream open(Path file, ReadOptions options) {
        try {
            long size = Files.size(file);
            BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
            byte[] head = peek(raw);
            if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".gz")) {
                return checked(file, raw, head);
            }
            if (head.length < 2 || head[0] != 0x1f || head[1] != (byte) 0x8b) {
                raw.close();
                String found = Sniff.describe(head, head.length);
                throw Refusal.of(file, 0, "not a gzip file but " + found, Sniff.remedy(found));
            }
            BufferedInputStream unpacked =
                    new BufferedInputStream(
                            new Bounded(file, new GZIPInputStream(raw), size, options), 1 << 16);
            return checked(file, unpacked, peek(unpacked));
        } catch (ZipException | java.io.EOFException e) {
            throw Refusal.of(file, 0, "a damaged gzip file: " + e.getMessage()).causedBy(e);
        } catch (IOException e) {
            throw Refusal.unreadable(file, e);
        }
    }

    private static InputStream checked(Path file, BufferedInputStream in, byte[] head)
            throws IOException {
        String found = Sniff.describe(head, head.length);
        switch (found) {
            case "JSON", "plain text", "an HTML page", "XML or HTML", Sniff.EMPTY -> {
                if (startsWithByteOrderMark(head)) {
                    in.skipNBytes(3);
                }
                return in;
            }
            default -> {
                in.close();
                throw Refusal.of(file, 1, "not text but " + found, Sniff.remedy(found));
            }
        }
    }

    private static byte[] peek(BufferedInputStream in) throws IOException {
        in.mark(HEAD);
        byte[] head = in.readNBytes(HEAD);
        in.reset();
        return head;
    }

    private static boolean startsWithByteOrderMark(byte[] head) {
        return head.length >= 3
                && head[0] == (byte) 0xEF
                && head[1] == (byte) 0xBB
                && head[2] == (byte) 0xBF;
    }

    /// Stops an archive that unpacks to absurdly more than it is.
    private static final class Bounded extends FilterInputStream {
        private static final long HARMLESS = 64L << 20;

        private final Path file;
        private final long most;
        private long read;

        Bounded(Path file, InputStream in, long packed, ReadOptions options) {
            super(in);
            this.file = file;
            this.most = Math.max(HARMLESS, packed * options.maxExpansion());
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                int n = super.read(target, offset, length);
                count(Math.max(n, 0));
                return n;
            } catch (ZipException | java.io.EOFException e) {
                throw Refusal.of(file, 0, "a damaged gzip file: " + e.getMessage()).causedBy(e);
            }
        }

        private void count(int n) {
            read += n;
            if (read > most) {
                throw Refusal.of(
                        file,
                        0,
                        "unpacks to more than " + most + " bytes, which no honest text does",
                        "unpack it yourself if it is what you want");
            }
        }
    }
}
