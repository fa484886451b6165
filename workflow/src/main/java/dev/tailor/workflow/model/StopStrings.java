package dev.tailor.workflow.model;

import dev.tailor.text.Tokenizer;
import dev.tailor.torch.StopCheck;

import java.util.Arrays;
import java.util.List;

/// Ends a sequence when its text contains one of some strings, wherever tokens begin and end in
/// them.
public final class StopStrings implements StopCheck {
    private final Tokenizer tokenizer;
    private final List<String> stops;
    private final int tail;

    /// Stops at these strings.
    public StopStrings(Tokenizer tokenizer, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = stops.stream().filter(stop -> !stop.isEmpty()).toList();
        // A stop string is at most one token a byte; one more token may hang over at either end.
        this.tail = 2 + stops.stream().mapToInt(stop -> 4 * stop.length()).max().orElse(0);
    }

    @Override
    public boolean shouldStop(int sequence, int[] tokens) {
        if (stops.isEmpty()) {
            return false;
        }
        int[] recent = Arrays.copyOfRange(tokens, Math.max(0, tokens.length - tail), tokens.length);
        String text = tokenizer.decode(recent, true);
        return stops.stream().anyMatch(text::contains);
    }

    /// The text before the first stop string in it.
    public String cut(String text) {
        int end = text.length();
        for (String stop : stops) {
            int at = text.indexOf(stop);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        return text.substring(0, end);
    }
}
