package dev.tailor.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// SHA-256 of strings, files and directories, as 64 lower-case hexadecimal digits.
public final class Digest {
    private Digest() {}

    /// The digest of a string's UTF-8 bytes.
    public static String ofString(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// The digest of a file's bytes.
    public static String ofFile(Path file) {
        MessageDigest sha256 = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /// The digest of a file, or of a directory's file names and contents in sorted order.
    public static String ofTree(Path root) {
        if (Files.isRegularFile(root)) {
            return ofFile(root);
        }
        StringBuilder listing = new StringBuilder();
        for (Path file : filesBelow(root)) {
            listing.append(root.relativize(file)).append('\0').append(ofFile(file)).append('\n');
        }
        return ofString(listing.toString());
    }

    private static List<Path> filesBelow(Path root) {
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The digest of bytes that come piece by piece.
    public static final class Running {
        private final MessageDigest sha256 = sha256();

        /// Adds a piece.
        public void add(byte[] bytes) {
            sha256.update(bytes);
        }

        /// The digest of everything added; nothing can be added after it.
        public String hex() {
            return HexFormat.of().formatHex(sha256.digest());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
