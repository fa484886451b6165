package dev.tailor.workflow.hub;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// A file of a repository, as the Hub describes it.
///
/// @param size in bytes
/// @param blob what its bytes are known by: the SHA-256 of a large file, Git's SHA-1 of a small one
record HubFile(String name, long size, String blob) {
    /// What a model directory needs, and nothing that could hold code: no pickles, no scripts, no
    /// folders.
    private static final Pattern WANTED =
            Pattern.compile(
                    "(model|adapter_model)[\\w.-]*\\.safetensors|[\\w-][\\w.-]*\\.(json|jinja|txt|model)"
                        + "|README\\.md|LICENSE[\\w.-]*|NOTICE[\\w.-]*");

    private static final Pattern SHA_1_OR_256 = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final int SHA_256_DIGITS = 64;

    HubFile {
        if (!SHA_1_OR_256.matcher(blob).matches() || size < 0) {
            throw TailorException.of(
                    ErrorCode.FILE_CORRUPT,
                    "the Hub says of '%s' that it has %d bytes with the digest '%s'"
                            .formatted(name, size, blob));
        }
    }

    /// Whether a model directory needs a file of that name.
    static boolean isWanted(String name) {
        return WANTED.matcher(name).matches();
    }

    boolean isWeights() {
        return name.endsWith(".safetensors");
    }

    /// @throws TailorException FILE_CORRUPT if the file's bytes are others
    void requireBytes(Path file) {
        String digest = digest(file);
        if (!digest.equals(blob)) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT,
                            "'%s' arrived with the digest %s instead of %s"
                                    .formatted(name, digest, blob))
                    .remedy("what arrived was deleted; try again");
        }
    }

    private String digest(Path file) {
        MessageDigest digest = newDigest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            if (blob.length() < SHA_256_DIGITS) {
                String header = "blob " + Files.size(file) + "\0";
                digest.update(header.getBytes(StandardCharsets.UTF_8));
            }
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance(blob.length() < SHA_256_DIGITS ? "SHA-1" : "SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
