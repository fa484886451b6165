package dev.tailor.text.internal.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.concurrent.atomic.AtomicLong;

/// One tokenizer of the Rust library. Safe for use by several threads.
///
/// The library's Java class `HuggingFaceTokenizer` is left aside: it reports use to a server, cuts
/// every text at 512 tokens unless told otherwise, and copies seven arrays per call where we need
/// one.
public final class NativeTokenizer implements AutoCloseable {
    private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;
    private static final String FLAVOUR = "RUST_FLAVOR";

    private final AtomicLong handle;

    private NativeTokenizer(long handle) {
        this.handle = new AtomicLong(handle);
    }

    /// A tokenizer from the text of a `tokenizer.json`; truncation and padding that the file asks
    /// for are switched off.
    ///
    /// @throws TailorException `FILE_CORRUPT` if the library refuses it
    public static NativeTokenizer of(String json) {
        loadLibrary();
        long handle;
        try {
            handle = LIBRARY.createTokenizerFromString(json);
        } catch (RuntimeException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "not a tokenizer: " + e.getMessage())
                    .remedy("take tokenizer.json from the model's own files again")
                    .causedBy(e);
        }
        LIBRARY.disableTruncation(handle);
        LIBRARY.disablePadding(handle);
        return new NativeTokenizer(handle);
    }

    /// With a graphics processor present the library would fetch a build for it over the network;
    /// the one in the jar is meant by saying "cpu" while it loads.
    private static synchronized void loadLibrary() {
        boolean unset = System.getProperty(FLAVOUR) == null;
        if (unset) {
            System.setProperty(FLAVOUR, "cpu");
        }
        try {
            LibUtils.checkStatus();
        } catch (RuntimeException | LinkageError e) {
            throw TailorException.of(
                            ErrorCode.DEVICE_UNAVAILABLE,
                            "the tokenizer library does not load: " + e.getMessage())
                    .remedy(
                            "Linux x86-64, Linux ARM64, macOS ARM64 and Windows x86-64 are"
                                    + " supported; the home directory must be writable")
                    .causedBy(e);
        } finally {
            if (unset) {
                System.clearProperty(FLAVOUR);
            }
        }
    }

    /// The ids of a text.
    public int[] encode(String text, boolean addSpecialTokens) {
        long encoding = LIBRARY.encode(open(), wellFormed(text), addSpecialTokens);
        try {
            return toInts(LIBRARY.getTokenIds(encoding));
        } finally {
            LIBRARY.deleteEncoding(encoding);
        }
    }

    /// The ids of a text and where each stands in it, in code points.
    public Offsets encodeWithOffsets(String text) {
        long encoding = LIBRARY.encode(open(), wellFormed(text), false);
        try {
            int[] ids = toInts(LIBRARY.getTokenIds(encoding));
            CharSpan[] spans = LIBRARY.getTokenCharSpans(encoding);
            int[] starts = new int[ids.length];
            int[] ends = new int[ids.length];
            for (int i = 0; i < ids.length; i++) {
                starts[i] = spans[i].getStart();
                ends[i] = spans[i].getEnd();
            }
            return new Offsets(ids, starts, ends);
        } finally {
            LIBRARY.deleteEncoding(encoding);
        }
    }

    /// The text of ids; ids without a token are left out.
    public String decode(int[] ids, boolean skipSpecial) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return LIBRARY.decode(open(), wide, skipSpecial);
    }

    @Override
    public void close() {
        long closing = handle.getAndSet(0);
        if (closing != 0) {
            LIBRARY.deleteTokenizer(closing);
        }
    }

    private long open() {
        long current = handle.get();
        if (current == 0) {
            throw new IllegalStateException("the tokenizer is closed");
        }
        return current;
    }

    /// Half a surrogate pair is no character: one in a text would spoil all of the text's
    /// characters beyond U+FFFF on the way to the library.
    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                return replaceLoneSurrogates(text, i);
            }
        }
        return text;
    }

    private static String replaceLoneSurrogates(String text, int first) {
        StringBuilder fixed = new StringBuilder(text);
        for (int i = first; i < fixed.length(); i += Character.charCount(fixed.codePointAt(i))) {
            int codePoint = fixed.codePointAt(i);
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                fixed.setCharAt(i, '\uFFFD');
            }
        }
        return fixed.toString();
    }

    private static int[] toInts(long[] ids) {
        int[] narrow = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            narrow[i] = (int) ids[i];
        }
        return narrow;
    }

    /// Ids with their places `[starts[i], ends[i])`.
    public record Offsets(int[] ids, int[] starts, int[] ends) {}
}
