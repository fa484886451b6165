package dev.tailor.tensors.internal;

import dev.tailor.core.TailorException;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The header of a safetensors file, read without trusting it: every length is checked against the
/// file before memory is spent on it.
///
/// A file is an 8-byte little-endian header length, that many bytes of JSON, then the data. Offsets
/// count from the start of the data; together the tensors must cover it exactly.
public record SafetensorsHeader(
        Map<String, String> metadata, Map<String, Entry> tensors, long dataStart) {
    /// The reference implementation's limit.
    static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int MAX_TENSORS = 1_000_000;
    private static final int MAX_RANK = 64;
    private static final int MAX_NAME_LENGTH = 1 << 16;

    private static final ValueLayout.OfLong LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(8)
                                    .maxNameLength(MAX_NAME_LENGTH)
                                    .maxStringLength((int) MAX_HEADER_BYTES)
                                    .maxDocumentLength(MAX_HEADER_BYTES)
                                    .build())
                    .build();

    /// A tensor and its bytes `[begin, end)`, counted from the start of the data.
    public record Entry(TensorInfo info, long begin, long end) {}

    /// Reads and checks the header of a mapped file.
    public static SafetensorsHeader read(Path file, MemorySegment bytes) {
        long fileLength = bytes.byteSize();
        if (fileLength < Long.BYTES) {
            throw Corrupt.file(file, "too short for a safetensors file (" + fileLength + " bytes)");
        }
        long length = bytes.get(LENGTH, 0);
        if (length < 0 || length > MAX_HEADER_BYTES) {
            throw Corrupt.file(
                    file,
                    "not a safetensors file: header of "
                            + Long.toUnsignedString(length)
                            + " bytes, at most "
                            + MAX_HEADER_BYTES
                            + " are allowed");
        }
        if (length > fileLength - Long.BYTES) {
            throw Corrupt.file(
                    file,
                    "the header claims "
                            + length
                            + " bytes but the file has only "
                            + (fileLength - Long.BYTES)
                            + " after its length");
        }
        byte[] json = bytes.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        requireUtf8(file, json);
        long dataStart = Long.BYTES + length;
        SafetensorsHeader header;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            header = new Parsing(file, parser).header(dataStart);
        } catch (JacksonException e) {
            throw Corrupt.file(file, "the header is not valid JSON: " + e.getOriginalMessage())
                    .causedBy(e);
        }
        return header.inDataOrder(file, fileLength - dataStart);
    }

    /// Decodes in small pieces: the text itself is not needed, only that it is text.
    private static void requireUtf8(Path file, byte[] json) {
        if (json.length == 0 || json[0] != '{') {
            throw Corrupt.file(file, "the header is not a JSON object");
        }
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(json);
        CharBuffer out = CharBuffer.allocate(8192);
        CoderResult result;
        do {
            out.clear();
            result = decoder.decode(in, out, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw Corrupt.file(file, "the header is not UTF-8 at byte " + in.position());
        }
    }

    /// Checks that the tensors cover the data exactly, one after the other, and sorts them so.
    private SafetensorsHeader inDataOrder(Path file, long dataLength) {
        List<Entry> sorted = new ArrayList<>(tensors.values());
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        Map<String, Entry> ordered = LinkedHashMap.newLinkedHashMap(sorted.size());
        long position = 0;
        for (Entry entry : sorted) {
            String name = entry.info().name();
            if (entry.end() > dataLength) {
                throw Corrupt.tensor(
                        file,
                        name,
                        "its data ends at byte "
                                + entry.end()
                                + " but the file holds only "
                                + dataLength
                                + " bytes of data: it is truncated");
            }
            if (entry.begin() != position) {
                throw Corrupt.tensor(
                        file,
                        name,
                        entry.begin() < position
                                ? "its data overlaps the tensor before it"
                                : "there is a gap of "
                                        + (entry.begin() - position)
                                        + " bytes before its data");
            }
            position = entry.end();
            ordered.put(name, entry);
        }
        if (position != dataLength) {
            throw Corrupt.file(
                    file, (dataLength - position) + " bytes after the last tensor belong to none");
        }
        return new SafetensorsHeader(
                Map.copyOf(metadata), java.util.Collections.unmodifiableMap(ordered), dataStart);
    }

    /// One pass over the JSON tokens; nothing is built that is not checked.
    private static final class Parsing {
        private final Path file;
        private final JsonParser parser;

        Parsing(Path file, JsonParser parser) {
            this.file = file;
            this.parser = parser;
        }

        SafetensorsHeader header(long dataStart) {
            Map<String, String> metadata = Map.of();
            Map<String, Entry> tensors = new HashMap<>();
            boolean metadataSeen = false;
            expect(JsonToken.START_OBJECT, "the header must be a JSON object");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (name.equals("__metadata__")) {
                    if (metadataSeen) {
                        throw Corrupt.file(file, "the header has two '__metadata__' entries");
                    }
                    metadataSeen = true;
                    metadata = metadata();
                } else if (tensors.size() == MAX_TENSORS) {
                    throw Corrupt.file(file, "more than " + MAX_TENSORS + " tensors");
                } else if (tensors.put(name, entry(name)) != null) {
                    throw Corrupt.tensor(file, name, "the name stands twice in the header");
                }
            }
            if (parser.nextToken() != null) {
                throw Corrupt.file(file, "something follows the JSON object in the header");
            }
            return new SafetensorsHeader(metadata, tensors, dataStart);
        }

        private Map<String, String> metadata() {
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(JsonToken.START_OBJECT, "'__metadata__' must be an object of texts");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                expect(JsonToken.VALUE_STRING, "'__metadata__' must be an object of texts");
                if (metadata.put(key, parser.getString()) != null) {
                    throw Corrupt.file(
                            file, "the metadata key " + Corrupt.quote(key) + " stands twice");
                }
            }
            return metadata;
        }

        private Entry entry(String name) {
            Optional<DType> dtype = Optional.empty();
            Optional<List<Long>> shape = Optional.empty();
            Optional<List<Long>> offsets = Optional.empty();
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Corrupt.tensor(file, name, "its entry is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                boolean first =
                        switch (key) {
                            case "dtype" -> dtype.isEmpty();
                            case "shape" -> shape.isEmpty();
                            case "data_offsets" -> offsets.isEmpty();
                            default ->
                                    throw Corrupt.tensor(
                                            file, name, "unknown key " + Corrupt.quote(key));
                        };
                if (!first) {
                    throw Corrupt.tensor(file, name, "the key '" + key + "' stands twice");
                }
                switch (key) {
                    case "dtype" -> dtype = Optional.of(dtype(name));
                    case "shape" -> shape = Optional.of(numbers(name, key, MAX_RANK));
                    default -> offsets = Optional.of(numbers(name, key, 2));
                }
            }
            if (dtype.isEmpty() || shape.isEmpty() || offsets.isEmpty()) {
                throw Corrupt.tensor(file, name, "needs 'dtype', 'shape' and 'data_offsets'");
            }
            return checked(name, dtype.get(), shape.get(), offsets.get());
        }

        private Entry checked(String name, DType dtype, List<Long> shape, List<Long> offsets) {
            if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
                throw Corrupt.tensor(file, name, "'data_offsets' must be [begin, end]: " + offsets);
            }
            TensorInfo info;
            try {
                info = new TensorInfo(name, dtype, shape);
            } catch (IllegalArgumentException e) {
                throw Corrupt.tensor(file, name, "impossible shape: " + e.getMessage());
            }
            long held = offsets.get(1) - offsets.get(0);
            if (held != info.bytes()) {
                throw Corrupt.tensor(
                        file,
                        name,
                        dtype
                                + " "
                                + shape
                                + " takes "
                                + info.bytes()
                                + " bytes, its offsets "
                                + offsets
                                + " span "
                                + held);
            }
            return new Entry(info, offsets.get(0), offsets.get(1));
        }

        private DType dtype(String name) {
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw Corrupt.tensor(file, name, "'dtype' must be text");
            }
            String text = parser.getString();
            for (DType type : DType.values()) {
                if (type.safetensorsName().equals(text)) {
                    return type;
                }
            }
            throw unknownDType(name, text);
        }

        private TailorException unknownDType(String name, String text) {
            return Corrupt.tensor(file, name, "unknown dtype " + Corrupt.quote(text));
        }

        private List<Long> numbers(String name, String key, int most) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw Corrupt.tensor(file, name, "'" + key + "' must be a list of whole numbers");
            }
            List<Long> numbers = new ArrayList<>();
            for (JsonToken token = parser.nextToken();
                    token != JsonToken.END_ARRAY;
                    token = parser.nextToken()) {
                if (token != JsonToken.VALUE_NUMBER_INT
                        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        || parser.getLongValue() < 0) {
                    throw Corrupt.tensor(
                            file, name, "'" + key + "' must hold whole numbers from 0 to 2^63 - 1");
                }
                if (numbers.size() == most) {
                    throw Corrupt.tensor(
                            file, name, "'" + key + "' has more than " + most + " numbers");
                }
                numbers.add(parser.getLongValue());
            }
            return numbers;
        }

        private void expect(JsonToken token, String otherwise) {
            if (parser.nextToken() != token) {
                throw Corrupt.file(file, otherwise);
            }
        }
    }
}
