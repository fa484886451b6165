package dev.tailor.train.internal.distil;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.train.distillation.StoreHeader;
import dev.tailor.train.distillation.TopTokens;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/// One file of a store: some consecutive sequences. Little endian:
///
/// - the 8 bytes `TLRLGT1\n`; then, 4 bytes each, the part's number, its first sequence, how many
///   sequences it has, the tokens listed for a position, the vocabulary, and the bytes of a
///   log-probability
/// - for each sequence, 4 bytes each: its positions, the bytes of its block, the block's CRC-32
/// - the CRC-32 of everything so far
/// - the blocks: rows as [RowCodec] lays them out, in the zlib format
public final class PartFile implements AutoCloseable {
    private static final long MAGIC = 0x0A_31_54_47_4C_52_4C_54L; // "TLRLGT1\n"
    private static final int FIXED = Long.BYTES + 6 * Integer.BYTES;
    private static final int ENTRY = 3 * Integer.BYTES;
    private static final ValueLayout.OfInt NUMBER =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final Arena arena;
    private final MemorySegment bytes;
    private final RowCodec codec;
    private final int sequences;
    private final long[] offsets;
    private final long positions;

    /// The place of a part in a store.
    static Path path(Path store, int number) {
        return store.resolve("part-%06d.bin".formatted(number));
    }

    /// Writes a part in one step.
    static void write(
            Path store, int number, int firstSequence, StoreHeader header, List<TopTokens> rows) {
        RowCodec codec = codec(header);
        List<byte[]> blocks = new ArrayList<>();
        ByteBuffer head =
                ByteBuffer.allocate(FIXED + rows.size() * ENTRY + Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(MAGIC).putInt(number).putInt(firstSequence).putInt(rows.size());
        head.putInt(header.top()).putInt(header.vocabulary()).putInt(header.precision().bytes());
        for (TopTokens sequence : rows) {
            byte[] block = Zlib.deflate(codec.encode(sequence));
            blocks.add(block);
            head.putInt(sequence.positions()).putInt(block.length).putInt(crc(block));
        }
        head.putInt(crc(ByteBuffer.wrap(head.array(), 0, head.position())));
        AtomicWrite.file(
                path(store, number),
                path -> {
                    try (OutputStream out = Files.newOutputStream(path)) {
                        out.write(head.array());
                        for (byte[] block : blocks) {
                            out.write(block);
                        }
                    }
                });
    }

    /// Opens a part of a store and checks that it is one.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` or `FILE_CORRUPT`
    @SuppressWarnings("MustBeClosed") // the part closes its arena
    public static PartFile open(Path store, int number, StoreHeader header) {
        Path file = path(store, number);
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment bytes =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new PartFile(file, arena, bytes, number, header);
        } catch (IOException e) {
            arena.close();
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND, "a part of the store cannot be read: " + e)
                    .at(file)
                    .causedBy(e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private PartFile(Path file, Arena arena, MemorySegment bytes, int number, StoreHeader header) {
        this.file = file;
        this.arena = arena;
        this.bytes = bytes;
        this.codec = codec(header);
        if (bytes.byteSize() < FIXED + Integer.BYTES
                || field(0) != (int) MAGIC
                || field(1) != (int) (MAGIC >>> Integer.SIZE)) {
            throw corrupt("this is no part of a store");
        }
        if (field(2) != number
                || field(5) != header.top()
                || field(6) != header.vocabulary()
                || field(7) != header.precision().bytes()) {
            throw corrupt("this part belongs to another store or place");
        }
        sequences = field(4);
        long head = FIXED + (long) sequences * ENTRY;
        if (sequences < 0 || head + Integer.BYTES > bytes.byteSize()) {
            throw corrupt("its index is longer than the file");
        }
        if (crc(bytes.asSlice(0, head).asByteBuffer()) != bytes.get(NUMBER, head)) {
            throw corrupt("its index is damaged");
        }
        offsets = new long[sequences + 1];
        offsets[0] = head + Integer.BYTES;
        long all = 0;
        for (int i = 0; i < sequences; i++) {
            long length = entry(i, 1);
            long most = codec.bytes(entry(i, 0));
            if (length < 0
                    || entry(i, 0) < 0
                    || most > Math.min(RowCodec.MOST_BYTES, Zlib.most(length))) {
                throw corrupt("the sizes of sequence %d cannot be".formatted(i));
            }
            offsets[i + 1] = offsets[i] + length;
            all += entry(i, 0);
        }
        positions = all;
        if (offsets[sequences] != bytes.byteSize()) {
            throw corrupt("it ends too early or too late");
        }
    }

    static RowCodec codec(StoreHeader header) {
        return new RowCodec(header.vocabulary(), header.top(), header.precision());
    }

    private int field(int index) {
        return bytes.get(NUMBER, (long) index * Integer.BYTES);
    }

    private int entry(int sequence, int field) {
        return bytes.get(NUMBER, FIXED + (long) sequence * ENTRY + (long) field * Integer.BYTES);
    }

    /// Where it lies.
    public Path file() {
        return file;
    }

    /// The number of its first sequence in the store.
    public int firstSequence() {
        return field(3);
    }

    /// How many sequences it has.
    public int sequences() {
        return sequences;
    }

    /// How many positions they have together.
    public long positions() {
        return positions;
    }

    /// A sequence, counted from the part's first.
    ///
    /// @throws TailorException `FILE_CORRUPT` where it is damaged
    public TopTokens sequence(int index) {
        byte[] block =
                bytes.asSlice(offsets[index], offsets[index + 1] - offsets[index])
                        .toArray(ValueLayout.JAVA_BYTE);
        if (crc(block) != entry(index, 2)) {
            throw corrupt("the block of sequence %d is damaged".formatted(index));
        }
        int count = entry(index, 0);
        try {
            return codec.decode(Zlib.inflate(block, Math.toIntExact(codec.bytes(count))), count);
        } catch (IllegalArgumentException e) {
            throw corrupt("sequence %d: %s".formatted(index, e.getMessage())).causedBy(e);
        }
    }

    private static int crc(byte[] block) {
        return crc(ByteBuffer.wrap(block));
    }

    private static int crc(ByteBuffer block) {
        CRC32 crc = new CRC32();
        crc.update(block);
        return (int) crc.getValue();
    }

    private TailorException corrupt(String what) {
        return TailorException.of(ErrorCode.FILE_CORRUPT, what)
                .at(file)
                .remedy("delete the store: a stage that needs it makes it anew");
    }

    @Override
    public void close() {
        arena.close();
    }
}
