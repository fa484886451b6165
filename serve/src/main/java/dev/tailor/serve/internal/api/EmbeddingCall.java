package dev.tailor.serve.internal.api;

import dev.tailor.serve.internal.api.AnswerForm.Usage;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/// A request for embeddings that has been understood.
///
/// @param adapter the adapter's name, empty for the model itself
/// @param inputs what is to be embedded, at least one token each
/// @param base64 whether numbers are wanted as the bytes of little-endian float32
public record EmbeddingCall(String adapter, List<int[]> inputs, boolean base64) {
    /// The answer.
    ///
    /// @param means the mean hidden state of each input; they are made unit vectors
    public ObjectNode answer(String model, List<float[]> means) {
        ObjectNode reply = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = reply.putArray("data");
        for (int i = 0; i < means.size(); i++) {
            ObjectNode each = data.addObject().put("object", "embedding").put("index", i);
            put(each, normalised(means.get(i)));
        }
        reply.put("model", model);
        int tokens = inputs.stream().mapToInt(input -> input.length).sum();
        reply.set("usage", new Usage(tokens, 0, 0).json());
        return reply;
    }

    private void put(ObjectNode node, float[] vector) {
        if (base64) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(vector);
            node.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
            return;
        }
        ArrayNode numbers = node.putArray("embedding");
        for (float value : vector) {
            numbers.add(value);
        }
    }

    private static float[] normalised(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length && sum > 0; i++) {
            unit[i] = (float) (vector[i] / Math.sqrt(sum));
        }
        return unit;
    }
}
