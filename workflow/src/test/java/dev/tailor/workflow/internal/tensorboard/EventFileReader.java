package dev.tailor.workflow.internal.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// Reads an event file as TensorBoard does: checks every CRC, then decodes the messages.
public final class EventFileReader {
    /// One event; `tag` is empty for the file's version.
    public record Scalar(double wallTime, long step, String tag, float value, String version) {}

    private EventFileReader() {}

    /// Every event of a file.
    public static List<Scalar> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Scalar> events = new ArrayList<>();
        while (in.hasRemaining()) {
            int start = in.position();
            int length = (int) in.getLong();
            check(in.array(), start, 8, in.getInt());
            int data = in.position();
            ByteBuffer message = in.slice(data, length).order(ByteOrder.LITTLE_ENDIAN);
            in.position(data + length);
            check(in.array(), data, length, in.getInt());
            events.add(event(message));
        }
        return events;
    }

    private static void check(byte[] bytes, int from, int length, int stored) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        int unmasked = stored - 0xa282ead8;
        int rotated = (unmasked >>> 17) | (unmasked << 15);
        if (rotated != (int) crc.getValue()) {
            throw new IOException("wrong CRC at " + from);
        }
    }

    private static Scalar event(ByteBuffer in) {
        double wallTime = 0;
        long step = 0;
        String tag = "";
        float value = 0;
        String version = "";
        while (in.hasRemaining()) {
            switch ((int) varint(in)) {
                case 1 << 3 | 1 -> wallTime = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case 3 << 3 | 2 -> version = StandardCharsets.UTF_8.decode(bytes(in)).toString();
                case 5 << 3 | 2 -> {
                    ByteBuffer summary = bytes(in);
                    expect(varint(summary), 1 << 3 | 2);
                    ByteBuffer scalar = bytes(summary);
                    expect(varint(scalar), 1 << 3 | 2);
                    tag = StandardCharsets.UTF_8.decode(bytes(scalar)).toString();
                    expect(varint(scalar), 2 << 3 | 5);
                    value = scalar.getFloat();
                }
                default -> throw new IllegalStateException("unknown field");
            }
        }
        return new Scalar(wallTime, step, tag, value, version);
    }

    private static void expect(long tag, int expected) {
        if (tag != expected) {
            throw new IllegalStateException("field " + tag + " instead of " + expected);
        }
    }

    private static ByteBuffer bytes(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer bytes = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return bytes;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
