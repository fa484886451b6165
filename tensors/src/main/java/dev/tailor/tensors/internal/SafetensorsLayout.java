package dev.tailor.tensors.internal;

import dev.tailor.tensors.TensorInfo;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where everything goes in a safetensors file, as the reference implementation lays it out:
/// metadata first, tensors by descending alignment, then by name; the header padded with spaces.
public final class SafetensorsLayout {
    private static final int HEADER_ALIGNMENT = 8;
    private static final JsonFactory JSON = new JsonFactory();

    private SafetensorsLayout() {}

    /// Creates a file for these tensors.
    public static RegionFile create(
            Path path, List<TensorInfo> tensors, Map<String, String> metadata) {
        return open(path, tensors, metadata, RegionFile::create);
    }

    /// Goes on with a file for these tensors, or creates it.
    public static RegionFile resume(
            Path path, List<TensorInfo> tensors, Map<String, String> metadata) {
        return open(path, tensors, metadata, RegionFile::resume);
    }

    private interface Opening {
        RegionFile open(
                Path path, byte[] header, Map<String, RegionFile.Extent> extents, long length);
    }

    private static RegionFile open(
            Path path, List<TensorInfo> tensors, Map<String, String> metadata, Opening opening) {
        List<TensorInfo> sorted = new ArrayList<>(tensors);
        sorted.sort(
                Comparator.comparingInt((TensorInfo info) -> -info.dtype().fileOrder())
                        .thenComparing(TensorInfo::name));
        byte[] header = header(sorted, metadata);
        Map<String, RegionFile.Extent> extents = new LinkedHashMap<>();
        long position = header.length;
        for (TensorInfo info : sorted) {
            extents.put(info.name(), new RegionFile.Extent(position, info.bytes()));
            position += info.bytes();
        }
        return opening.open(path, header, extents, position);
    }

    private static byte[] header(List<TensorInfo> sorted, Map<String, String> metadata) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), json)) {
            out.writeStartObject();
            out.writeName("__metadata__");
            out.writeStartObject();
            metadata.forEach(out::writeStringProperty);
            out.writeEndObject();
            long position = 0;
            for (TensorInfo info : sorted) {
                entry(out, info, position);
                position += info.bytes();
            }
            out.writeEndObject();
        }
        while (json.size() % HEADER_ALIGNMENT != 0) {
            json.write(' ');
        }
        byte[] text = json.toByteArray();
        return ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }

    private static void entry(JsonGenerator out, TensorInfo info, long position) {
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        out.writeName(info.name());
        out.writeStartObject();
        out.writeStringProperty("dtype", info.dtype().safetensorsName());
        out.writeName("shape");
        out.writeArray(shape, 0, shape.length);
        out.writeName("data_offsets");
        out.writeArray(new long[] {position, position + info.bytes()}, 0, 2);
        out.writeEndObject();
    }
}
