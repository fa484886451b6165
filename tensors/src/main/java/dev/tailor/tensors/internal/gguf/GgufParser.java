package dev.tailor.tensors.internal.gguf;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.GgmlType;
import dev.tailor.tensors.GgufTensor;
import dev.tailor.tensors.GgufValue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the header of a GGUF file. Every count is checked against the bytes that are left before
/// anything is allocated for it, so a hostile file cannot take more memory than it has bytes.
public final class GgufParser {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Arrays of arrays are allowed by the format; nobody nests them deeper than this.
    private static final int DEEPEST = 4;

    private static final int MOST_DIMENSIONS = 4;

    /// Real vocabularies stay below a million tokens, chat templates below a megabyte.
    private static final long MOST_OF_ANYTHING = 1L << 24;

    private final Path file;
    private final MemorySegment bytes;
    private long position;

    private GgufParser(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /// A parsed header.
    ///
    /// @param data the bytes of each tensor, by name, in file order
    public record Parsed(
            Map<String, GgufValue> metadata,
            Map<String, GgufTensor> tensors,
            Map<String, MemorySegment> data) {}

    private record Entry(GgufTensor tensor, long offset) {}

    /// Parses a whole file.
    ///
    /// @throws TailorException `FILE_CORRUPT` naming the place
    public static Parsed parse(Path file, MemorySegment bytes) {
        return new GgufParser(file, bytes).parse();
    }

    private Parsed parse() {
        if (bytes.byteSize() < 24 || int32() != GgufHeader.MAGIC) {
            throw corrupt("this is not a GGUF file: it does not begin with GGUF");
        }
        int version = int32();
        if (version != 2 && version != GgufHeader.VERSION) {
            throw corrupt("GGUF version " + version + " cannot be read, only 2 and 3");
        }
        long tensorCount = count("tensors", 24);
        long metadataCount = count("metadata entries", 13);
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        for (long i = 0; i < metadataCount; i++) {
            String key = string();
            if (metadata.put(key, value(kind(), 0)) != null) {
                throw corrupt("the metadata key '" + key + "' stands there twice");
            }
        }
        List<Entry> entries = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            entries.add(entry());
        }
        return place(metadata, entries);
    }

    private Parsed place(Map<String, GgufValue> metadata, List<Entry> entries) {
        long alignment =
                metadata.get(GgufHeader.ALIGNMENT_KEY) instanceof GgufValue.Whole whole
                        ? whole.value()
                        : GgufHeader.DEFAULT_ALIGNMENT;
        if (alignment <= 0 || alignment > 1 << 16) {
            throw corrupt("the alignment is " + alignment);
        }
        long dataStart = GgufHeader.align(position, (int) alignment);
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        Map<String, MemorySegment> data = new LinkedHashMap<>();
        for (Entry entry : entries) {
            GgufTensor tensor = entry.tensor();
            long room = bytes.byteSize() - dataStart;
            if (entry.offset() < 0
                    || entry.offset() > room
                    || tensor.bytes() > room - entry.offset()) {
                throw corrupt("the file ends before the tensor '" + tensor.name() + "' does");
            }
            if (tensors.put(tensor.name(), tensor) != null) {
                throw corrupt("two tensors are named '" + tensor.name() + "'");
            }
            data.put(tensor.name(), bytes.asSlice(dataStart + entry.offset(), tensor.bytes()));
        }
        return new Parsed(metadata, tensors, data);
    }

    private Entry entry() {
        String name = string();
        int dimensions = int32();
        if (dimensions < 0 || dimensions > MOST_DIMENSIONS) {
            throw corrupt("the tensor '" + name + "' has " + dimensions + " dimensions");
        }
        List<Long> fastestFirst = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            fastestFirst.add(int64());
        }
        int typeId = int32();
        Optional<GgmlType> type = GgmlType.ofId(typeId);
        if (type.isEmpty()) {
            throw corrupt("the tensor '" + name + "' has type " + typeId + ", unknown here");
        }
        GgufTensor tensor = new GgufTensor(name, type.get(), fastestFirst.reversed());
        long offset = int64();
        if (fastestFirst.stream().anyMatch(size -> size < 0) || !sizeIsSane(tensor)) {
            throw corrupt("the tensor '" + name + "' has the shape " + tensor.shape());
        }
        return new Entry(tensor, offset);
    }

    private static boolean sizeIsSane(GgufTensor tensor) {
        try {
            return tensor.type().fits(tensor.shape()) && tensor.bytes() >= 0;
        } catch (ArithmeticException e) {
            return false;
        }
    }

    private GgufValue value(GgufValue.Kind kind, int depth) {
        return switch (kind) {
            case UINT8 -> new GgufValue.Whole(kind, int8() & 0xFF);
            case INT8 -> new GgufValue.Whole(kind, int8());
            case UINT16 -> new GgufValue.Whole(kind, int16() & 0xFFFF);
            case INT16 -> new GgufValue.Whole(kind, int16());
            case UINT32 -> new GgufValue.Whole(kind, int32() & 0xFFFF_FFFFL);
            case INT32 -> new GgufValue.Whole(kind, int32());
            case UINT64, INT64 -> new GgufValue.Whole(kind, int64());
            case FLOAT32 -> new GgufValue.Real(kind, Float.intBitsToFloat(int32()));
            case FLOAT64 -> new GgufValue.Real(kind, Double.longBitsToDouble(int64()));
            case BOOL -> new GgufValue.Bool(int8() != 0);
            case STRING -> new GgufValue.Text(string());
            case ARRAY -> array(depth + 1);
        };
    }

    private GgufValue array(int depth) {
        if (depth > DEEPEST) {
            throw corrupt("metadata arrays are nested deeper than " + DEEPEST);
        }
        GgufValue.Kind element = kind();
        long count = count("array elements", element.leastBytes());
        List<GgufValue> values = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            values.add(value(element, depth));
        }
        return new GgufValue.Array(element, values);
    }

    private GgufValue.Kind kind() {
        int id = int32();
        for (GgufValue.Kind kind : GgufValue.Kind.values()) {
            if (kind.id() == id) {
                return kind;
            }
        }
        throw corrupt("there is no metadata kind " + id);
    }

    private String string() {
        long length = count("bytes of text", 1);
        byte[] utf8 = bytes.asSlice(position, length).toArray(ValueLayout.JAVA_BYTE);
        position += length;
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /// A count of things that take at least `leastBytes` each.
    private long count(String what, int leastBytes) {
        long count = int64();
        if (count < 0
                || count > MOST_OF_ANYTHING
                || count > (bytes.byteSize() - position) / leastBytes) {
            throw corrupt(
                    "%s %s do not fit in the file".formatted(Long.toUnsignedString(count), what));
        }
        return count;
    }

    private byte int8() {
        return bytes.get(ValueLayout.JAVA_BYTE, take(1));
    }

    private short int16() {
        return bytes.get(SHORT, take(2));
    }

    private int int32() {
        return bytes.get(INT, take(4));
    }

    private long int64() {
        return bytes.get(LONG, take(8));
    }

    private long take(int size) {
        if (bytes.byteSize() - position < size) {
            throw corrupt("the file ends within its header");
        }
        long at = position;
        position += size;
        return at;
    }

    private TailorException corrupt(String what) {
        return TailorException.of(ErrorCode.FILE_CORRUPT, what)
                .at(file + " at byte " + position)
                .remedy("write or download the file again");
    }
}
