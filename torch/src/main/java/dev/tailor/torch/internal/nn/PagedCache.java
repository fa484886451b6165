package dev.tailor.torch.internal.nn;

import dev.tailor.torch.DecoderConfig;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Rotated keys and values of sequences that are being continued, float32, in pages of [#PAGE]
/// positions that sequences with the same beginning share. A page holds, layer by layer, the keys
/// `[keyValueHeads, headDim, PAGE]`, then the values `[keyValueHeads, PAGE, headDim]`.
///
/// Full pages of sequences that are over are remembered by their tokens until the room is needed.
/// Not for use by several threads, except that different sequences may be written at once.
public final class PagedCache implements AutoCloseable {
    /// Positions of a page; a multiple of the lanes of every vector register.
    public static final int PAGE = 32;

    private final Arena arena = Arena.ofShared();
    private final int layers;
    private final int heads;
    private final int dim;
    private final int budget;
    private final boolean shares;
    private final Deque<Page> free = new ArrayDeque<>();

    /// Pages by what stands in them and before; the least recently used first.
    private final Map<Prefix, Remembered> prefixes = new LinkedHashMap<>(16, 0.75f, true);

    private int made;
    private long serial;

    /// What stands in a page: the page before it, or the negative number of a family of sequences
    /// that compute alike, and its tokens.
    private record Prefix(long before, IntBuffer tokens) {}

    /// A page that is remembered under a number that no other page ever has.
    private record Remembered(Page page, long number) {}

    /// Memory of one page and how many sequences and memories of prefixes hold it.
    static final class Page {
        private final MemorySegment memory;
        private int holders;

        Page(MemorySegment memory) {
            this.memory = memory;
        }

        MemorySegment memory() {
            return memory;
        }
    }

    /// A cache of at most so many positions, rounded up to whole pages.
    public PagedCache(DecoderConfig config, int positions) {
        layers = config.layers();
        heads = config.attention().keyValueHeads();
        dim = config.attention().headDim();
        budget = pages(positions);
        shares = Rotary.areFixed(config);
    }

    private static int pages(int positions) {
        return (positions + PAGE - 1) / PAGE;
    }

    /// Positions for which there is room in all.
    public int positions() {
        return budget * PAGE;
    }

    /// Positions of pages that sequences hold now.
    public int positionsInUse() {
        long idle = prefixes.values().stream().filter(r -> r.page().holders == 1).count();
        return (int) (made - free.size() - idle) * PAGE;
    }

    /// A sequence with nothing in it.
    ///
    /// @param family sequences of one family compute the same from the same tokens, and share pages
    public Sequence open(int family) {
        return new Sequence(-1L - family);
    }

    /// Positions of one sequence.
    public final class Sequence implements AutoCloseable {
        private final long family;
        private final List<Page> pages = new ArrayList<>();
        private int length;

        private Sequence(long family) {
            this.family = family;
        }

        /// Positions that are in.
        public int length() {
            return length;
        }

        Page page(int position) {
            return pages.get(position / PAGE);
        }

        /// Takes what other sequences have computed of these tokens, whole pages and never all of
        /// the tokens. Only for a sequence with nothing in it.
        public void reuse(int[] tokens) {
            long before = family;
            while (length + PAGE < tokens.length) {
                Remembered found = prefixes.get(new Prefix(before, pageOf(tokens, length)));
                if (found == null) {
                    break;
                }
                found.page().holders++;
                pages.add(found.page());
                length += PAGE;
                before = found.number();
            }
        }

        /// Lets other sequences take its full pages.
        ///
        /// @param tokens those that are in
        public void share(int[] tokens) {
            if (!shares) {
                return;
            }
            long before = family;
            List<Prefix> chain = new ArrayList<>();
            for (int start = 0; start + PAGE <= length; start += PAGE) {
                Prefix prefix = new Prefix(before, pageOf(tokens, start));
                Page page = page(start);
                Remembered known =
                        prefixes.computeIfAbsent(
                                prefix,
                                p -> {
                                    page.holders++;
                                    return new Remembered(page, serial++);
                                });
                before = known.number();
                chain.add(prefix);
            }
            // The last pages are the first to go: one without those before it is of no use.
            chain.reversed().forEach(prefixes::get);
        }

        /// Makes room for so many positions in all; false where there is none.
        public boolean reserve(int positions) {
            while (pages.size() < pages(positions)) {
                Page page = take();
                if (page == null) {
                    return false;
                }
                pages.add(page);
            }
            return true;
        }

        /// Forgets what is in it.
        public void clear() {
            pages.forEach(PagedCache.this::release);
            pages.clear();
            length = 0;
        }

        /// Stores one position of a layer, rows of `keyValueHeads · headDim` values.
        void store(int layer, int position, float[] keys, float[] values) {
            MemorySegment memory = page(position).memory();
            int slot = position % PAGE;
            long keysAt = keysAt(layer, 0) + slot;
            for (int i = 0; i < heads * dim; i++) {
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, keysAt + (long) i * PAGE, keys[i]);
            }
            for (int head = 0; head < heads; head++) {
                MemorySegment.copy(
                        values,
                        head * dim,
                        memory,
                        ValueLayout.JAVA_FLOAT,
                        (valuesAt(layer, head) + (long) slot * dim) * Float.BYTES,
                        dim);
            }
        }

        /// So many positions more are in.
        void advance(int positions) {
            length += positions;
        }

        @Override
        public void close() {
            clear();
        }
    }

    private static IntBuffer pageOf(int[] tokens, int start) {
        return IntBuffer.wrap(Arrays.copyOfRange(tokens, start, start + PAGE));
    }

    /// Index of the first key of a head in a page.
    long keysAt(int layer, int head) {
        return ((long) layer * 2 * heads + head) * PAGE * dim;
    }

    /// Index of the first value of a head in a page.
    long valuesAt(int layer, int head) {
        return keysAt(layer, heads + head);
    }

    private @Nullable Page take() {
        if (free.isEmpty() && made == budget) {
            forgetOne();
        }
        Page page = free.poll();
        if (page == null && made < budget) {
            long bytes = 2L * layers * heads * PAGE * dim * Float.BYTES;
            page = new Page(arena.allocate(bytes, 64));
            made++;
        }
        if (page != null) {
            page.holders = 1;
        }
        return page;
    }

    /// Frees the page that was not used for the longest time, if no sequence holds it.
    private void forgetOne() {
        Iterator<Remembered> oldest = prefixes.values().iterator();
        while (oldest.hasNext()) {
            Page page = oldest.next().page();
            if (page.holders == 1) {
                oldest.remove();
                release(page);
                return;
            }
        }
    }

    private void release(Page page) {
        page.holders--;
        if (page.holders == 0) {
            free.push(page);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
