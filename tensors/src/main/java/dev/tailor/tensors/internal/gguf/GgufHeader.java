package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.GgufTensor;
import dev.tailor.tensors.GgufValue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Writes what stands before the data in a GGUF file: magic, version, counts, metadata, tensor
/// table, padding (the specification is `docs/gguf.md` of the ggml project).
public final class GgufHeader {
    /// The four bytes `GGUF`, read as a little-endian number.
    static final int MAGIC = 0x46554747;

    /// The version written here.
    static final int VERSION = 3;

    /// The metadata key that changes the alignment of tensor data.
    static final String ALIGNMENT_KEY = "general.alignment";

    /// The alignment where the metadata does not name one.
    static final int DEFAULT_ALIGNMENT = 32;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private GgufHeader() {}

    /// An encoded header.
    ///
    /// @param bytes padded to the alignment
    /// @param dataStart position of the first tensor's data in the file
    public record Encoded(ByteBuffer bytes, long dataStart, int alignment) {}

    /// Encodes a header; tensors follow in the given order, each at the next aligned position.
    public static Encoded encode(Map<String, GgufValue> metadata, List<GgufTensor> layout) {
        int alignment = alignment(metadata);
        GgufHeader header = new GgufHeader();
        header.number(4, MAGIC);
        header.number(4, VERSION);
        header.number(8, layout.size());
        header.number(8, metadata.size());
        metadata.forEach((key, value) -> {
            header.string(key);
            header.number(4, value.kind().id());
            header.value(value);
        });
        long offset = 0;
        for (GgufTensor tensor : layout) {
            header.string(tensor.name());
            header.number(4, tensor.shape().size());
            tensor.shape().reversed().forEach(size -> header.number(8, size));
            header.number(4, tensor.type().id());
            header.number(8, offset);
            offset = align(offset + tensor.bytes(), alignment);
        }
        long dataStart = align(header.out.size(), alignment);
        while (header.out.size() < dataStart) {
            header.out.write(0);
        }
        return new Encoded(ByteBuffer.wrap(header.out.toByteArray()), dataStart, alignment);
    }

    /// The next multiple of the alignment.
    public static long align(long position, int alignment) {
        return Math.ceilDiv(position, alignment) * alignment;
    }

    private static int alignment(Map<String, GgufValue> metadata) {
        GgufValue value = metadata.get(ALIGNMENT_KEY);
        return value instanceof GgufValue.Whole whole
                ? Math.toIntExact(whole.value())
                : DEFAULT_ALIGNMENT;
    }

    private void value(GgufValue value) {
        switch (value) {
            case GgufValue.Whole(GgufValue.Kind kind, long number) ->
                    number(kind.leastBytes(), number);
            case GgufValue.Real(GgufValue.Kind kind, double number) -> {
                if (kind == GgufValue.Kind.FLOAT32) {
                    number(4, Float.floatToRawIntBits((float) number));
                } else {
                    number(8, Double.doubleToRawLongBits(number));
                }
            }
            case GgufValue.Bool(boolean truth) -> number(1, truth ? 1 : 0);
            case GgufValue.Text(String text) -> string(text);
            case GgufValue.Array(GgufValue.Kind element, List<GgufValue> values) -> {
                number(4, element.id());
                number(8, values.size());
                values.forEach(this::value);
            }
        }
    }

    private void string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(8, bytes.length);
        out.writeBytes(bytes);
    }

    private void number(int bytes, long value) {
        byte[] little =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
        out.write(little, 0, bytes);
    }
}
