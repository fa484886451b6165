package dev.tailor.tensors;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.internal.gguf.GgufHeader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Writes a GGUF file, version 3, little endian: the header at once, then tensors in any order and
/// in pieces, so that no more than one piece need be in memory.
///
/// The file is written in place: pass a temporary path ([AtomicWrite#file]) where a reader might
/// look. Writing is safe for use by several threads on different parts.
public final class GgufWriter implements AutoCloseable {
    /// Largest single write: keeps the temporary buffers of heap segments small.
    private static final int PIECE = 1 << 22;

    private final Path file;
    private final FileChannel channel;
    private final Map<String, Slot> slots;
    private final long end;

    private record Slot(GgufTensor tensor, long position, AtomicLong written) {}

    private GgufWriter(Path file, FileChannel channel, Map<String, Slot> slots, long end) {
        this.file = file;
        this.channel = channel;
        this.slots = slots;
        this.end = end;
    }

    /// Creates the file and writes its header.
    ///
    /// @param metadata in the order in which it shall stand in the file
    /// @param layout the tensors in the order of their data
    /// @throws TailorException `DISK_FULL`, or `FILE_NOT_FOUND` where the file cannot be made
    public static GgufWriter create(
            Path file, Map<String, GgufValue> metadata, List<GgufTensor> layout) {
        GgufHeader.Encoded header = GgufHeader.encode(metadata, layout);
        Map<String, Slot> slots = new LinkedHashMap<>();
        long end = header.dataStart();
        for (GgufTensor tensor : layout) {
            Slot slot = new Slot(tensor, end, new AtomicLong());
            if (slots.put(tensor.name(), slot) != null) {
                throw new IllegalArgumentException("two tensors named " + tensor.name());
            }
            end = GgufHeader.align(end + tensor.bytes(), header.alignment());
        }
        try {
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING);
            GgufWriter writer = new GgufWriter(file, channel, slots, end);
            writer.writeFully(header.bytes(), 0);
            return writer;
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    /// Writes part of a tensor.
    ///
    /// @param offset of the part within the tensor's data, in bytes
    public void write(String tensor, long offset, MemorySegment bytes) {
        Slot slot = slots.get(tensor);
        if (slot == null) {
            throw new IllegalArgumentException("no tensor " + tensor + " in the layout");
        }
        if (offset < 0 || offset + bytes.byteSize() > slot.tensor().bytes()) {
            throw new IllegalArgumentException("outside of " + tensor);
        }
        try {
            for (long done = 0; done < bytes.byteSize(); done += PIECE) {
                long size = Math.min(PIECE, bytes.byteSize() - done);
                writeFully(
                        bytes.asSlice(done, size).asByteBuffer(), slot.position() + offset + done);
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
        slot.written().addAndGet(bytes.byteSize());
    }

    /// Ends the file: every tensor must have been written in full.
    public void finish() {
        for (Slot slot : slots.values()) {
            if (slot.written().get() != slot.tensor().bytes()) {
                throw TailorException.of(
                                ErrorCode.INTERNAL,
                                "%d of %d bytes were written"
                                        .formatted(slot.written().get(), slot.tensor().bytes()))
                        .at(slot.tensor().name());
            }
        }
        try {
            if (channel.size() < end) {
                // The padding after the last tensor; holes in between are zeros already.
                writeFully(ByteBuffer.allocate(1), end - 1);
            }
            channel.force(true);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    private void writeFully(ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }
}
