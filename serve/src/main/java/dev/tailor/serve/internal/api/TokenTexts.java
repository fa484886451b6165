package dev.tailor.serve.internal.api;

import dev.tailor.text.Tokenizer;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;

/// Tokens as texts, and their log-probabilities as numbers that JSON knows.
record TokenTexts(Tokenizer tokenizer) {
    /// What OpenAI writes for a token that cannot come.
    private static final double IMPOSSIBLE = -9999;

    /// A token alone; parts of a character are replacement characters.
    String of(int token) {
        return tokenizer.decode(new int[] {token}, false);
    }

    /// Puts the token's text, its log-probability and its bytes (null where it is a part of a
    /// character) into a node.
    void put(ObjectNode node, int token, float logProb) {
        String text = of(token);
        node.put("token", text).put("logprob", finite(logProb));
        if (text.indexOf('\uFFFD') >= 0) {
            node.putNull("bytes");
            return;
        }
        ArrayNode bytes = node.putArray("bytes");
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b & 0xFF);
        }
    }

    static double finite(float logProb) {
        return Float.isInfinite(logProb) ? IMPOSSIBLE : logProb;
    }
}
