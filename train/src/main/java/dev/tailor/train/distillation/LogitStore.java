package dev.tailor.train.distillation;

import dev.tailor.train.internal.distil.PartFile;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads what a teacher said of a data set, kept on disk: see the page of file formats. Nothing in
/// a store is trusted: sizes are checked before memory is taken, and every block against its
/// checksum. Safe for use by several threads until it is closed.
public final class LogitStore implements AutoCloseable {
    private final StoreHeader header;
    private final List<PartFile> parts = new ArrayList<>();

    /// Parts by their first sequence.
    private final TreeMap<Integer, PartFile> bySequence = new TreeMap<>();

    private LogitStore(StoreHeader header) {
        this.header = header;
    }

    /// Opens the store in a directory.
    ///
    /// @throws dev.tailor.core.TailorException `FILE_NOT_FOUND` or `FILE_CORRUPT`
    public static LogitStore open(Path directory) {
        LogitStore store = new LogitStore(StoreHeader.read(directory));
        try {
            store.openParts(directory);
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private void openParts(Path directory) {
        int sequences = 0;
        long positions = 0;
        for (int i = 0; i < header.parts(); i++) {
            PartFile part = PartFile.open(directory, i, header);
            parts.add(part);
            if (part.firstSequence() != sequences) {
                throw StoreHeader.corrupt(
                        part.file(), "it does not go on where the part before it ends");
            }
            bySequence.put(sequences, part);
            sequences += part.sequences();
            positions += part.positions();
        }
        if (sequences != header.sequences() || positions != header.positions()) {
            throw StoreHeader.corrupt(
                    directory.resolve(StoreHeader.FILE),
                    "%d sequences and %d positions are promised, %d and %d are there"
                            .formatted(
                                    header.sequences(), header.positions(), sequences, positions));
        }
    }

    /// What the store holds.
    public StoreHeader header() {
        return header;
    }

    /// What the teacher said of a sequence, from 0.
    ///
    /// @throws dev.tailor.core.TailorException `FILE_CORRUPT` where the block is damaged
    public TopTokens sequence(int index) {
        Map.Entry<Integer, PartFile> part = bySequence.floorEntry(index);
        if (index < 0 || index >= header.sequences() || part == null) {
            throw new IndexOutOfBoundsException(index);
        }
        return part.getValue().sequence(index - part.getKey());
    }

    @Override
    public void close() {
        parts.forEach(PartFile::close);
    }
}
