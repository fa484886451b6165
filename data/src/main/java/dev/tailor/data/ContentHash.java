package dev.tailor.data;

import dev.tailor.text.Message;

import java.util.List;

/// A 64-bit hash of what a sample says, wherever it comes from. Two of a million samples collide
/// with a probability of one in thirty million.
final class ContentHash {
    private long hash = 0x9E3779B97F4A7C15L;

    private ContentHash() {}

    static long of(Sample sample) {
        ContentHash content = new ContentHash();
        switch (sample) {
            case Sample.Text text -> content.add(text.text());
            case Sample.Augmented text -> {
                content.add(text.text());
                text.pairs()
                        .forEach(pair -> {
                            content.add(pair.question());
                            content.add(pair.answer());
                        });
            }
            case Sample.Chat chat -> {
                content.add(chat.messages());
                content.add(chat.tools().isEmpty() ? "" : chat.tools().toString());
            }
            case Sample.PromptCompletion pair -> {
                content.add(pair.prompt());
                content.add(pair.completion());
            }
            case Sample.Preference pair -> {
                content.add(pair.prompt());
                content.add(pair.chosen());
                content.add(pair.rejected());
            }
            case Sample.Unpaired answer -> {
                content.add(answer.prompt());
                content.add(answer.completion());
                content.add(answer.desirable() ? "1" : "0");
            }
        }
        return content.hash;
    }

    static long of(String text) {
        ContentHash content = new ContentHash();
        content.add(text);
        return content.hash;
    }

    private void add(List<Message> messages) {
        for (Message message : messages) {
            add(message.role());
            add(message.content().toString());
            add(message.rest().isEmpty() ? "" : message.rest().toString());
        }
        mix(messages.size());
    }

    private void add(String text) {
        int i = 0;
        for (; i + 4 <= text.length(); i += 4) {
            mix(
                    text.charAt(i)
                            | (long) text.charAt(i + 1) << 16
                            | (long) text.charAt(i + 2) << 32
                            | (long) text.charAt(i + 3) << 48);
        }
        for (; i < text.length(); i++) {
            mix(text.charAt(i));
        }
        mix(~text.length());
    }

    private void mix(long value) {
        hash = mixed(hash ^ value) * 0x9E3779B97F4A7C15L + 1;
    }

    /// The finaliser of SplitMix64.
    static long mixed(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
