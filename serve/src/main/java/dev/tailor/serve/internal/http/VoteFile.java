package dev.tailor.serve.internal.http;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.serve.internal.api.Vote;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/// Votes on the disk: pairs in one file, which preference tuning reads, and all others (ties, both
/// bad, answers that are empty or the same) in another beside it. Safe for use by several threads.
final class VoteFile {
    private static final String SUFFIX = ".jsonl";

    private final Path pairs;
    private final Path others;

    private VoteFile(Path pairs) {
        this.pairs = pairs;
        String name = String.valueOf(pairs.getFileName());
        String stem = name.substring(0, name.length() - SUFFIX.length());
        this.others = pairs.resolveSibling(stem + ".others" + SUFFIX);
    }

    /// Makes sure that votes can be written to a file, which is made where it is not there.
    ///
    /// @throws TailorException USAGE where it is not called `.jsonl`, FILE_NOT_FOUND
    static VoteFile open(Path file) {
        if (!String.valueOf(file.getFileName()).endsWith(SUFFIX)) {
            throw TailorException.of(ErrorCode.USAGE, "--votes must name a .jsonl file").at(file);
        }
        append(file, "");
        return new VoteFile(file);
    }

    synchronized void append(Vote vote, Instant time) {
        append(vote.isPair() ? pairs : others, vote.row(time) + "\n");
    }

    /// Begins a line of its own even where a crash has left half a one.
    private static void append(Path path, String line) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            long length = file.length();
            boolean broken = false;
            if (length > 0) {
                file.seek(length - 1);
                broken = file.read() != '\n';
            }
            file.seek(length);
            file.write(((broken ? "\n" : "") + line).getBytes(StandardCharsets.UTF_8));
            file.getFD().sync();
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }
}
