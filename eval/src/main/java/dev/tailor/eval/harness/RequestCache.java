package dev.tailor.eval.harness;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Replies of a model that are kept on the disk, so that an interrupted evaluation goes on where it
/// stopped. One JSON object a line; a line that was cut off is asked again.
public final class RequestCache implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String model;
    private final Map<String, Reply> replies = new HashMap<>();
    private final @Nullable BufferedWriter writer;

    /// What a model replied.
    ///
    /// @param text the answer; empty where only likelihood was asked
    public record Reply(double logProb, boolean greedy, String text) {}

    private RequestCache(String model, @Nullable BufferedWriter writer) {
        this.model = model;
        this.writer = writer;
    }

    /// Keeps nothing on the disk.
    public static RequestCache none() {
        return new RequestCache("", null);
    }

    /// Keeps replies in a file, and knows those that are there.
    ///
    /// @param model changes when the model does
    public static RequestCache open(Path file, String model) {
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            boolean isCut = Files.exists(file) && !endsWithNewline(file);
            BufferedWriter writer =
                    Files.newBufferedWriter(
                            file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if (isCut) {
                writer.newLine();
            }
            RequestCache cache = new RequestCache(model, writer);
            try (var lines = Files.lines(file, StandardCharsets.UTF_8)) {
                lines.forEach(cache::load);
            }
            return cache;
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot keep replies here")
                    .at(file)
                    .causedBy(e);
        }
    }

    private static boolean endsWithNewline(Path file) throws IOException {
        try (var channel = Files.newByteChannel(file)) {
            if (channel.size() == 0) {
                return true;
            }
            channel.position(channel.size() - 1);
            ByteBuffer last = ByteBuffer.allocate(1);
            return channel.read(last) == 1 && last.get(0) == '\n';
        }
    }

    private void load(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            if (node.path("key").isString()) {
                replies.put(
                        node.path("key").stringValue(),
                        new Reply(
                                node.path("logprob").doubleValue(0),
                                node.path("greedy").booleanValue(false),
                                node.path("text").stringValue("")));
            }
        } catch (JacksonException e) {
            // A line that was cut off: its request is asked again.
        }
    }

    /// The key of a request: the model, what is asked, and with what.
    String key(String kind, List<String> parts) {
        return Digest.ofString(model + "\0" + kind + "\0" + String.join("\0", parts));
    }

    @Nullable Reply get(String key) {
        return replies.get(key);
    }

    void put(String key, Reply reply) {
        replies.put(key, reply);
        if (writer == null) {
            return;
        }
        try {
            writer.write(
                    JSON.createObjectNode()
                            .put("key", key)
                            .put("logprob", reply.logProb())
                            .put("greedy", reply.greedy())
                            .put("text", reply.text())
                            .toString());
            writer.newLine();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /// Makes sure that everything put so far is on the disk.
    void flush() {
        try {
            if (writer != null) {
                writer.flush();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static TailorException failure(IOException e) {
        return TailorException.of(ErrorCode.DISK_FULL, "cannot keep replies: " + e.getMessage())
                .causedBy(e);
    }

    @Override
    public void close() {
        try {
            if (writer != null) {
                writer.close();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
