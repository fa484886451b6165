package dev.tailor.workflow.internal.tensorboard;

import dev.tailor.core.AtomicWrite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// One TensorBoard event file: a sequence of TFRecords, each holding an `Event` message
/// (tensorflow/core/util/event.proto) with one scalar.
///
/// ```
/// TFRecord = length (u64) | masked CRC of length (u32) | data | masked CRC of data (u32)
/// Event    = 1: wall_time (double) | 2: step (varint) | 3: file_version (string) | 5: Summary
/// Summary  = 1: Value;   Value = 1: tag (string) | 2: simple_value (float)
/// ```
public final class EventFile implements AutoCloseable {
    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_BYTES = 2;
    private static final int WIRE_FIXED32 = 5;

    private final Path file;
    private final FileChannel channel;

    private EventFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Begins a new file, replacing what stood there.
    public static EventFile create(Path file, double wallTime) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            EventFile events =
                    new EventFile(
                            file,
                            FileChannel.open(
                                    file,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.TRUNCATE_EXISTING,
                                    StandardOpenOption.WRITE));
            Message event = new Message();
            event.fixed64(1, Double.doubleToRawLongBits(wallTime));
            event.bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
            events.record(event.toByteArray());
            return events;
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    /// Appends one scalar; `wallTime` in seconds since 1970.
    public void scalar(String tag, long step, double value, double wallTime) {
        Message scalar = new Message();
        scalar.bytes(1, tag.getBytes(StandardCharsets.UTF_8));
        scalar.fixed32(2, Float.floatToRawIntBits((float) value));
        Message summary = new Message();
        summary.bytes(1, scalar.toByteArray());
        Message event = new Message();
        event.fixed64(1, Double.doubleToRawLongBits(wallTime));
        event.varint(2, step);
        event.bytes(5, summary.toByteArray());
        record(event.toByteArray());
    }

    /// The CRC as TFRecords keep it: rotated and shifted, so that a CRC of data that holds CRCs is
    /// not degenerate (tensorflow/core/lib/hash/crc32c.h).
    public static int maskedCrc(byte[] data, int from, int length) {
        CRC32C crc32c = new CRC32C();
        crc32c.update(data, from, length);
        int crc = (int) crc32c.getValue();
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private void record(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedCrc(record.array(), 0, 8));
        record.put(data);
        record.putInt(maskedCrc(data, 0, data.length));
        record.flip();
        try {
            while (record.hasRemaining()) {
                channel.write(record);
            }
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

    /// As much of protobuf's wire format as a scalar needs.
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        void varint(int field, long value) {
            tag(field, WIRE_VARINT);
            rawVarint(value);
        }

        void fixed64(int field, long bits) {
            tag(field, WIRE_FIXED64);
            for (int shift = 0; shift < 64; shift += 8) {
                out.write((int) (bits >>> shift));
            }
        }

        void fixed32(int field, int bits) {
            tag(field, WIRE_FIXED32);
            for (int shift = 0; shift < 32; shift += 8) {
                out.write(bits >>> shift);
            }
        }

        void bytes(int field, byte[] value) {
            tag(field, WIRE_BYTES);
            rawVarint(value.length);
            out.writeBytes(value);
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }

        private void tag(int field, int wireType) {
            rawVarint((long) field << 3 | wireType);
        }

        private void rawVarint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
