package dev.tailor.serve;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The keys that clients may show, of which only hashes are kept: lines `name:salt:sha256`, both in
/// hexadecimal digits, of a file where empty lines and those after `#` say nothing. Keys are random
/// numbers of 256 bits, so one round of SHA-256 suffices.
public final class ApiKeys {
    private static final String PREFIX = "tailor-";
    private static final int KEY_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final HexFormat HEX = HexFormat.of();

    private final List<Entry> entries;

    private ApiKeys(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    private record Entry(byte[] salt, byte[] hash) {}

    /// A key and the line of the file that lets it in.
    public record Fresh(String key, String line) {}

    /// Makes a key.
    ///
    /// @param name whose it is; letters, digits, `-`, `_`, `.` and `@`
    /// @throws TailorException USAGE for another name
    public static Fresh create(String name) {
        if (!name.matches("[\\w.@-]+")) {
            throw TailorException.of(ErrorCode.USAGE, "not a name for a key: '" + name + "'")
                    .remedy("use letters, digits, '-', '_', '.' and '@'");
        }
        SecureRandom random = new SecureRandom();
        byte[] secret = new byte[KEY_BYTES];
        random.nextBytes(secret);
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        String key = PREFIX + HEX.formatHex(secret);
        return new Fresh(
                key, String.join(":", name, HEX.formatHex(salt), HEX.formatHex(hash(salt, key))));
    }

    /// Reads a file of hashes.
    ///
    /// @throws TailorException FILE_NOT_FOUND, or CONFIG_INVALID with the line that is wrong or
    ///   where there is no key at all
    public static ApiKeys load(Path file) {
        List<Entry> entries = new ArrayList<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                entries.add(entry(line, file + ":" + (i + 1)));
            }
        }
        if (entries.isEmpty()) {
            throw TailorException.of(ErrorCode.CONFIG_INVALID, "there is no key in it")
                    .at(file)
                    .remedy("make one: tailor serve --hash-key NAME >> " + file);
        }
        return new ApiKeys(entries);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot be read as text")
                    .at(file)
                    .causedBy(e);
        }
    }

    private static Entry entry(String line, String where) {
        String[] parts = line.split(":", -1);
        try {
            if (parts.length == 3 && parts[2].length() == 64) {
                return new Entry(HEX.parseHex(parts[1]), HEX.parseHex(parts[2]));
            }
        } catch (IllegalArgumentException e) {
            throw malformed(where).causedBy(e);
        }
        throw malformed(where);
    }

    private static TailorException malformed(String where) {
        return TailorException.of(ErrorCode.CONFIG_INVALID, "not a line 'name:salt:sha256'")
                .at(where)
                .remedy("make one with tailor serve --hash-key NAME");
    }

    /// Whether a key is one of these. Takes as long for one that is not.
    public boolean accept(String key) {
        boolean found = false;
        for (Entry entry : entries) {
            found |= MessageDigest.isEqual(entry.hash(), hash(entry.salt(), key));
        }
        return found;
    }

    private static byte[] hash(byte[] salt, String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            return digest.digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
