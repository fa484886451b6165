package dev.tailor.text.internal.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/// GPT-2's spelling of bytes by visible characters: printable Latin-1 stands for itself, the other
/// bytes in order for the characters from U+0100 on.
public final class ByteAlphabet {
    private static final int BYTES = 256;

    private final int[] characterOfByte = new int[BYTES];
    private final int[] rankOfByte = new int[BYTES];
    private final List<String> characters;

    private ByteAlphabet() {
        int next = BYTES;
        for (int b = 0; b < BYTES; b++) {
            characterOfByte[b] = isVisible(b) ? b : next++;
        }
        int[] sorted = IntStream.of(characterOfByte).sorted().toArray();
        for (int b = 0; b < BYTES; b++) {
            rankOfByte[b] = java.util.Arrays.binarySearch(sorted, characterOfByte[b]);
        }
        characters = IntStream.of(sorted).mapToObj(Character::toString).toList();
    }

    /// The only alphabet there is.
    public static ByteAlphabet standard() {
        return new ByteAlphabet();
    }

    private static boolean isVisible(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    }

    /// The 256 characters in ascending order.
    public List<String> characters() {
        return characters;
    }

    /// The ranks in [#characters] of a text's UTF-8 bytes.
    public int[] ranks(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ranks = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            ranks[i] = rankOfByte[bytes[i] & 0xFF];
        }
        return ranks;
    }
}
