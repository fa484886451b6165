package dev.tailor.workflow.hub;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Fetches one revision of a model into the cache. What has arrived stays when the connection or
/// the process ends, and is gone on with. A file counts once its digest is right, the model once
/// its last file does.
record HubDownload(
        HubSite site, Path folder, String repository, String revision, Event.Listener listener) {
    /// The file that is put in place after all others.
    static final String LAST = "config.json";

    private static final String STAGE = "";
    private static final int TRIES = 5;
    private static final long MEGABYTE = 1_000_000;

    /// The model's directory.
    Path fetch() {
        HubSite.Listing listing = site.list(repository, revision);
        requireModel(listing);
        Path snapshot = folder.resolve("snapshots").resolve(listing.commit());
        try {
            Files.createDirectories(folder.resolve("blobs"));
            Files.createDirectories(snapshot);
            try (FileChannel channel =
                            FileChannel.open(
                                    folder.resolve(".fetching.lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                fetch(listing, snapshot);
            }
            Path reference = folder.resolve("refs").resolve(revision).normalize();
            if (reference.startsWith(folder) && !revision.equals(listing.commit())) {
                Files.createDirectories(reference.getParent());
                AtomicWrite.text(reference, listing.commit());
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(folder, e);
        }
        return snapshot;
    }

    private void requireModel(HubSite.Listing listing) {
        List<HubFile> files = listing.files();
        boolean isAdapter = files.stream().anyMatch(each -> each.name().startsWith("adapter_"));
        if (files.stream().noneMatch(HubFile::isWeights)
                || !isAdapter && files.stream().noneMatch(each -> each.name().equals(LAST))) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "%s holds no config.json with safetensors; it holds %s"
                                    .formatted(
                                            repository,
                                            String.join(
                                                    ", ",
                                                    listing.leftOut()
                                                            .subList(
                                                                    0,
                                                                    Math.min(
                                                                            8,
                                                                            listing.leftOut()
                                                                                    .size())))))
                    .remedy("convert its weights to safetensors where they may be trusted");
        }
    }

    private void fetch(HubSite.Listing listing, Path snapshot) throws IOException {
        List<HubFile> missing = new ArrayList<>(listing.files());
        missing.removeIf(file -> Files.exists(snapshot.resolve(file.name())));
        missing.sort(Comparator.comparing(file -> file.name().equals(LAST)));
        long bytes = missing.stream().mapToLong(HubFile::size).sum();
        requireSpace(bytes);
        listener.on(
                new Event.StageStarted(
                        STAGE,
                        "fetching %s (%s, %,d MB)"
                                .formatted(repository, revision, Math.ceilDiv(bytes, MEGABYTE)),
                        Math.ceilDiv(bytes, MEGABYTE)));
        long start = System.nanoTime();
        long done = 0;
        for (HubFile file : missing) {
            Path blob = folder.resolve("blobs").resolve(file.blob());
            if (!Files.exists(blob)) {
                fetch(listing.commit(), file, blob, new Progress(listener, done, bytes));
            }
            link(snapshot.resolve(file.name()), blob);
            done += file.size();
        }
        listener.on(new Event.StageFinished(STAGE, (System.nanoTime() - start) * 1e-9, false));
    }

    private void requireSpace(long bytes) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < bytes) {
            throw TailorException.of(
                            ErrorCode.DISK_FULL,
                            "%s takes %,d bytes, %,d are free".formatted(repository, bytes, free))
                    .at(folder)
                    .remedy("free some space or name another place in HF_HUB_CACHE");
        }
    }

    private void fetch(String commit, HubFile file, Path blob, Progress progress)
            throws IOException {
        Path partial = blob.resolveSibling(file.blob() + ".incomplete");
        for (int tries = 1; sizeOf(partial) < file.size(); tries++) {
            long before = sizeOf(partial);
            try {
                append(commit, file, partial, progress);
            } catch (IOException e) {
                if (sizeOf(partial) == before && tries >= TRIES) {
                    throw site.unreachable(e);
                }
            }
        }
        if (file.size() == 0) {
            Files.write(partial, new byte[0]);
        }
        try {
            file.requireBytes(partial);
        } catch (TailorException e) {
            Files.delete(partial);
            throw e;
        }
        Files.move(partial, blob, StandardCopyOption.ATOMIC_MOVE);
    }

    private void append(String commit, HubFile file, Path partial, Progress progress)
            throws IOException {
        byte[] buffer = new byte[1 << 18];
        long size = sizeOf(partial);
        try (InputStream in = site.open(repository, commit, file, size);
                OutputStream out =
                        Files.newOutputStream(
                                partial, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int n = in.read(buffer); n >= 0 && size < file.size(); n = in.read(buffer)) {
                int wanted = (int) Math.min(n, file.size() - size);
                write(out, buffer, wanted, partial);
                size += wanted;
                progress.at(size);
            }
        }
        if (size < file.size()) {
            throw new IOException("the connection ended early");
        }
    }

    /// A failure to write is no failure of the network.
    private static void write(OutputStream out, byte[] buffer, int n, Path file) {
        try {
            out.write(buffer, 0, n);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    private static long sizeOf(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private static void link(Path file, Path blob) throws IOException {
        try {
            Path directory = Objects.requireNonNull(file.getParent());
            Files.createSymbolicLink(file, directory.relativize(blob));
        } catch (UnsupportedOperationException e) {
            Files.createLink(file, blob);
        }
    }

    /// Says how far fetching is, in megabytes.
    private record Progress(Event.Listener listener, long before, long all) {
        void at(long bytes) {
            listener.on(
                    new Event.Step(
                            STAGE,
                            (before + bytes) / MEGABYTE,
                            Math.ceilDiv(all, MEGABYTE),
                            Map.of()));
        }
    }
}
