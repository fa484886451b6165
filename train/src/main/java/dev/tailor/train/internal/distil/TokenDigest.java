package dev.tailor.train.internal.distil;

import dev.tailor.core.Digest;
import dev.tailor.train.internal.batch.Sequence;
import dev.tailor.train.internal.batch.TokenFile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SortedMap;

/// Identifies data by the tokens that a teacher reads, whatever files and settings they come from.
public final class TokenDigest {
    private TokenDigest() {}

    /// The digest of all sequences: for each its length and its tokens, 4 bytes each, little
    /// endian, the top bit set where a token is learnt.
    public static String of(TokenFile tokens) {
        Digest.Running digest = new Digest.Running();
        for (int i = 0; i < tokens.sequences(); i++) {
            Sequence sequence = tokens.sequence(i);
            int length = sequence.tokens().length;
            ByteBuffer bytes =
                    ByteBuffer.allocate((1 + length) * Integer.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN);
            bytes.putInt(length);
            for (int t = 0; t < length; t++) {
                bytes.putInt(sequence.tokens()[t] | (sequence.isTrained(t) ? 1 << 31 : 0));
            }
            digest.add(bytes.array());
        }
        return digest.hex();
    }

    /// The digest of a vocabulary: its ids and tokens in order, `id token` a line.
    public static String of(SortedMap<Integer, String> vocabulary) {
        StringBuilder lines = new StringBuilder();
        vocabulary.forEach((id, token) -> lines.append(id).append(' ').append(token).append('\n'));
        return Digest.ofString(lines.toString());
    }
}
