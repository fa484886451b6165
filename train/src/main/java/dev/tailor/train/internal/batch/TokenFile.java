package dev.tailor.train.internal.batch;

import dev.tailor.core.AtomicWrite;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// Token sequences in a memory-mapped file, so that neither tokenising twice nor the size of a
/// corpus costs anything. Safe for use by several threads until it is closed.
///
/// Little endian: one `int` per token, the top bit set where the token is learnt; then one `long`
/// per sequence, the index at which it ends, the top bit set for an unwanted answer; then a note in
/// UTF-8; then a trailer of three `long`: sequences, bytes of the note, magic.
public final class TokenFile implements AutoCloseable {
    private static final long MAGIC = 0x31_6B_6F_74_72_6C_74_00L; // ..."tlrtok1"

    private static final int TRAILER = 3 * Long.BYTES;
    private static final int TRAINED = 1 << 31;
    private static final long UNWANTED = 1L << 63;
    private static final ValueLayout.OfInt TOKEN =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong NUMBER =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment bytes;
    private final int sequences;
    private final long ends;
    private final String note;

    private TokenFile(Arena arena, MemorySegment bytes) {
        this.arena = arena;
        this.bytes = bytes;
        long trailer = bytes.byteSize() - TRAILER;
        this.sequences = Math.toIntExact(bytes.get(NUMBER, trailer));
        int noteBytes = Math.toIntExact(bytes.get(NUMBER, trailer + Long.BYTES));
        this.ends = trailer - noteBytes - (long) sequences * Long.BYTES;
        byte[] text = bytes.asSlice(trailer - noteBytes, noteBytes).toArray(ValueLayout.JAVA_BYTE);
        this.note = new String(text, StandardCharsets.UTF_8);
    }

    /// Appends sequences to a file that is being written.
    public interface Sink {
        void add(Sequence sequence);
    }

    /// Hands every sequence to the sink and returns the note to keep beside them.
    public interface Source {
        String writeTo(Sink sink) throws IOException;
    }

    /// Writes a file in one step; a file that is there is complete.
    public static void write(Path file, Source source) {
        AtomicWrite.file(
                file,
                path -> {
                    try (OutputStream out =
                            new BufferedOutputStream(Files.newOutputStream(path), 1 << 16)) {
                        Writer writer = new Writer(out);
                        writer.finish(source.writeTo(writer));
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    }
                });
    }

    /// Opens a file, or nothing if there is none or it is not one of ours.
    @SuppressWarnings("MustBeClosed") // the token file closes its arena
    public static Optional<TokenFile> open(Path file) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size >= TRAILER) {
                MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
                if (bytes.get(NUMBER, size - Long.BYTES) == MAGIC) {
                    return Optional.of(new TokenFile(arena, bytes));
                }
            }
            arena.close();
            return Optional.empty();
        } catch (IOException e) {
            arena.close();
            return Optional.empty();
        }
    }

    /// The number of sequences.
    public int sequences() {
        return sequences;
    }

    /// What was noted when the file was written.
    public String note() {
        return note;
    }

    /// Tokens of a sequence.
    public int length(int sequence) {
        return (int) (end(sequence) - end(sequence - 1));
    }

    /// A sequence.
    public Sequence sequence(int index) {
        int length = length(index);
        int[] tokens =
                bytes.asSlice(end(index - 1) * Integer.BYTES, (long) length * Integer.BYTES)
                        .toArray(TOKEN);
        boolean[] trained = new boolean[length];
        for (int i = 0; i < length; i++) {
            trained[i] = (tokens[i] & TRAINED) != 0;
            tokens[i] &= ~TRAINED;
        }
        return new Sequence(tokens, trained, wanted(index));
    }

    /// Whether a sequence is a good example.
    public boolean wanted(int sequence) {
        return (entry(sequence) & UNWANTED) == 0;
    }

    private long end(int sequence) {
        return sequence < 0 ? 0 : entry(sequence) & ~UNWANTED;
    }

    private long entry(int sequence) {
        return bytes.get(NUMBER, ends + (long) sequence * Long.BYTES);
    }

    @Override
    public void close() {
        arena.close();
    }

    private static final class Writer implements Sink {
        private final OutputStream out;
        private long[] ends = new long[1024];
        private int sequences;
        private long tokens;

        Writer(OutputStream out) {
            this.out = out;
        }

        @Override
        public void add(Sequence sequence) {
            int length = sequence.tokens().length;
            ByteBuffer buffer = littleEndian(length * Integer.BYTES);
            for (int i = 0; i < length; i++) {
                buffer.putInt(sequence.tokens()[i] | (sequence.trained()[i] ? TRAINED : 0));
            }
            put(buffer);
            tokens += length;
            if (sequences == ends.length) {
                ends = Arrays.copyOf(ends, 2 * ends.length);
            }
            ends[sequences++] = tokens | (sequence.wanted() ? 0 : UNWANTED);
        }

        void finish(String note) {
            for (int i = 0; i < sequences; i++) {
                put(littleEndian(Long.BYTES).putLong(ends[i]));
            }
            byte[] text = note.getBytes(StandardCharsets.UTF_8);
            put(ByteBuffer.wrap(text));
            put(littleEndian(TRAILER).putLong(sequences).putLong(text.length).putLong(MAGIC));
        }

        private void put(ByteBuffer buffer) {
            try {
                out.write(buffer.array());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static ByteBuffer littleEndian(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
