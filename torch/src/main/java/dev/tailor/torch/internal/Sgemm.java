package dev.tailor.torch.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/// float32 products on matrices as they lie, by the OpenBLAS that libtorch carries: transposed,
/// strided, added to what is there. oneDNN is some percent faster where both matrices are plain,
/// but copies a transposed one first. Each call computes on the caller's thread; [#parallel] splits
/// the result among threads.
public final class Sgemm {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;

    /// Rows or columns of the result that a thread takes are a multiple of this, a multiple of the
    /// kernel's tile, so that every value is computed alike whatever the number of threads.
    private static final int TILE = 64;

    /// The processors, as OpenBLAS names them, whose float32 kernels use registers of 512 bits.
    private static final Set<String> FULL_WIDTH =
            Set.of("SkylakeX", "Cooperlake", "SapphireRapids");

    private static final boolean FAST = isFast();

    private Sgemm() {}

    /// Whether OpenBLAS computes here with the full vector width. It knows some processors by
    /// another's name and then does not.
    public static boolean isAvailable() {
        return FAST;
    }

    private static boolean isFast() {
        Native.load();
        SymbolLookup symbols = SymbolLookup.loaderLookup();
        if (symbols.find("cblas_sgemm").isEmpty()
                || symbols.find("openblas_set_num_threads").isEmpty()
                || symbols.find("openblas_get_corename").isEmpty()) {
            return false;
        }
        try {
            MemorySegment name =
                    (MemorySegment)
                            function("openblas_get_corename", FunctionDescriptor.of(ADDRESS))
                                    .invokeExact();
            if (!FULL_WIDTH.contains(name.reinterpret(64).getString(0))) {
                return false;
            }
            function("openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT))
                    .invokeExact(1);
            return true;
        } catch (Throwable e) {
            throw new LinkageError("OpenBLAS does not answer", e);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        MemorySegment symbol = SymbolLookup.loaderLookup().find(name).orElseThrow();
        return Linker.nativeLinker().downcallHandle(symbol, type);
    }

    /// Looked up when first used.
    private static final class Product {
        private static final MemoryLayout[] ARGUMENTS = {
            JAVA_INT,
            JAVA_INT,
            JAVA_INT, // order, transpositions
            JAVA_INT,
            JAVA_INT,
            JAVA_INT, // rows, columns, sum
            JAVA_FLOAT,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_INT, // α, a, b
            JAVA_FLOAT,
            ADDRESS,
            JAVA_INT // β, c
        };

        static final MethodHandle CALL =
                function("cblas_sgemm", FunctionDescriptor.ofVoid(ARGUMENTS));
    }

    /// What becomes of the values that the result's memory holds.
    public enum Into {
        /// They are overwritten.
        FRESH(0),
        /// The product is added to them.
        SUM(1);

        private final float beta;

        Into(float beta) {
            this.beta = beta;
        }
    }

    /// `c = a b` or `c += a b`.
    public static void product(Matrix a, Matrix b, Matrix c, Into into) {
        if (a.rows() != c.rows() || a.columns() != b.rows() || b.columns() != c.columns()) {
            throw new IllegalArgumentException(a + " times " + b + " is not " + c);
        }
        try {
            Product.CALL.invokeExact(
                    ROW_MAJOR,
                    a.transposed() ? TRANSPOSED : PLAIN,
                    b.transposed() ? TRANSPOSED : PLAIN,
                    c.rows(),
                    c.columns(),
                    a.columns(),
                    1f,
                    MemorySegment.ofAddress(a.address()),
                    a.stride(),
                    MemorySegment.ofAddress(b.address()),
                    b.stride(),
                    into.beta,
                    MemorySegment.ofAddress(c.address()),
                    c.stride());
        } catch (Throwable e) {
            throw new IllegalStateException("cblas_sgemm cannot be called", e);
        }
    }

    /// [#product] on as many threads as libtorch uses, each with a part of the result's longer
    /// side.
    public static void parallel(Matrix a, Matrix b, Matrix c, Into into) {
        if (c.columns() > c.rows()) {
            tiles(
                    c.columns(),
                    (from, to) -> product(a, b.columns(from, to), c.columns(from, to), into));
        } else {
            tiles(c.rows(), (from, to) -> product(a.rows(from, to), b, c.rows(from, to), into));
        }
    }

    private static void tiles(int length, Parallel.Rows work) {
        Parallel.rows(
                (length + TILE - 1) / TILE,
                (first, last) -> work.work(first * TILE, Math.min(last * TILE, length)));
    }
}
