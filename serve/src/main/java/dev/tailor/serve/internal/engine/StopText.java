package dev.tailor.serve.internal.engine;

import java.util.List;

/// Text that grows, up to the first of some stop texts wherever pieces begin and end in them. What
/// may be the beginning of a stop text is held back.
final class StopText {
    private final List<String> stops;
    private final int longest;
    private final StringBuilder text = new StringBuilder();
    private int given;
    private boolean stopped;

    StopText(List<String> stops) {
        this.stops = stops;
        this.longest = stops.stream().mapToInt(String::length).max().orElse(0);
    }

    /// Adds a piece and returns what is certain now.
    String add(String piece) {
        int before = Math.max(given, text.length() - longest + 1);
        text.append(piece);
        int end = firstStop(before);
        if (end >= 0) {
            stopped = true;
            text.setLength(end);
            return upTo(end);
        }
        return upTo(text.length() - held());
    }

    /// What was held back, when no more comes.
    String finish() {
        return upTo(text.length());
    }

    /// Whether a stop text was met.
    boolean isStopped() {
        return stopped;
    }

    /// Characters returned so far.
    int given() {
        return given;
    }

    /// Characters added so far, those behind a stop text excepted.
    int length() {
        return text.length();
    }

    private String upTo(int end) {
        String part = text.substring(given, end);
        given = end;
        return part;
    }

    private int firstStop(int from) {
        int first = -1;
        for (String stop : stops) {
            int at = text.indexOf(stop, from);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /// How many characters at the end may belong to a stop text.
    private int held() {
        int most = Math.min(longest - 1, text.length() - given);
        for (int n = most; n > 0; n--) {
            String end = text.substring(text.length() - n);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                return n;
            }
        }
        return 0;
    }
}
