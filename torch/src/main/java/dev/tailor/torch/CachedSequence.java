package dev.tailor.torch;

import dev.tailor.torch.internal.nn.PagedCache;

/// A sequence of a [DecodingSession]: what the model remembers of the tokens so far. Close it to
/// give its room back.
public final class CachedSequence implements AutoCloseable {
    private final PagedCache.Sequence place;
    private final int adapter;

    CachedSequence(PagedCache.Sequence place, int adapter) {
        this.place = place;
        this.adapter = adapter;
    }

    PagedCache.Sequence place() {
        return place;
    }

    int adapter() {
        return adapter;
    }

    /// Tokens that are in.
    public int length() {
        return place.length();
    }

    /// Takes what the session remembers of these tokens, never all of them. Only for a sequence
    /// with nothing in it.
    public void reuse(int[] tokens) {
        place.reuse(tokens);
    }

    /// Lets later sequences reuse what is in this one.
    ///
    /// @param tokens those that are in, perhaps followed by others
    public void share(int[] tokens) {
        place.share(tokens);
    }

    /// Makes room for so many tokens in all; false where the session has none left.
    public boolean reserve(int tokens) {
        return place.reserve(tokens);
    }

    /// Forgets what is in it.
    public void clear() {
        place.clear();
    }

    @Override
    public void close() {
        place.close();
    }
}
