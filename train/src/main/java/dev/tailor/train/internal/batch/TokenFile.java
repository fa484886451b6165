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
/// Little endian: one `int` per token, the top bit set where the token is learnt, and behind those
/// of a sequence whose weights are not all 0 or 1 a `float` per token; then one `long` per
/// sequence, the number of such words up to its end, the top bit set for an unwanted answer, the
/// next where weights stand behind its tokens; then a note in UTF-8; then a trailer of three
/// `long`: sequences, bytes of the note, magic.
public final class TokenFile implements AutoCloseable {
    private static final long MAGIC = 0x31_6B_6F_74_72_6C_74_00L; // ..."tlrtok1"

    private static final int TRAILER = 3 * Long.BYTES;
    private static final int TRAINED = 1 << 31;
    private static final long UNWANTED = 1L << 63;
    private static final long WEIGHTED = 1L << 62;
    private static final ValueLayout.OfInt TOKEN =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat WEIGHT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
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
        int words = (int) (end(sequence) - end(sequence - 1));
        return isWeighted(sequence) ? words / 2 : words;
    }

    private boolean isWeighted(int sequence) {
        return (entry(sequence) & WEIGHTED) != 0;
    }

    /// A sequence.
    public Sequence sequence(int index) {
        int length = length(index);
        int[] tokens = words(end(index - 1), length).toArray(TOKEN);
        float[] weights =
                isWeighted(index)
                        ? words(end(index - 1) + length, length).toArray(WEIGHT)
                        : new float[length];
        for (int i = 0; i < length; i++) {
            if (!isWeighted(index)) {
                weights[i] = (tokens[i] & TRAINED) != 0 ? 1 : 0;
            }
            tokens[i] &= ~TRAINED;
        }
        return new Sequence(tokens, weights, wanted(index));
    }

    private MemorySegment words(long first, int count) {
        return bytes.asSlice(first * Integer.BYTES, (long) count * Integer.BYTES);
    }

    /// Whether a sequence is a good example.
    public boolean wanted(int sequence) {
        return (entry(sequence) & UNWANTED) == 0;
    }

    private long end(int sequence) {
        return sequence < 0 ? 0 : entry(sequence) & ~(UNWANTED | WEIGHTED);
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
        private long words;

        Writer(OutputStream out) {
            this.out = out;
        }

        @Override
        public void add(Sequence sequence) {
            int length = sequence.tokens().length;
            int wordsPerToken = sequence.isEven() ? 1 : 2;
            ByteBuffer buffer = littleEndian(wordsPerToken * length * Integer.BYTES);
            for (int i = 0; i < length; i++) {
                buffer.putInt(sequence.tokens()[i] | (sequence.isTrained(i) ? TRAINED : 0));
            }
            if (wordsPerToken == 2) {
                buffer.asFloatBuffer().put(sequence.weights());
            }
            put(buffer);
            words += (long) wordsPerToken * length;
            if (sequences == ends.length) {
                ends = Arrays.copyOf(ends, 2 * ends.length);
            }
            ends[sequences++] =
                    words
                            | (sequence.wanted() ? 0 : UNWANTED)
                            | (wordsPerToken == 1 ? 0 : WEIGHTED);
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
