package dev.tailor.export;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.GgmlType;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What a GGUF file stores its matrices in. Vectors (norms, biases) are always stored in f32, a
/// matrix whose rows are not whole blocks in another type, and some matrices of the quantised types
/// in a finer one.
public enum GgufType {
    /// 32 bits a weight: exact.
    F32(0, GgmlType.F32),
    /// 16 bits a weight, half precision.
    F16(1, GgmlType.F16),
    /// 16 bits a weight: exact for models that were trained in bfloat16.
    BF16(32, GgmlType.BF16),
    /// 8.5 bits a weight, hardly a difference in the answers.
    Q8_0(7, GgmlType.Q8_0),
    /// 6.6 bits a weight.
    Q6_K(18, GgmlType.Q6_K),
    /// 5.7 bits a weight: more for half of the values' and the down projections.
    Q5_K_M(17, GgmlType.Q5_K),
    /// 5.5 bits a weight.
    Q5_K_S(16, GgmlType.Q5_K),
    /// 6 bits a weight, for any rows of whole 32.
    Q5_1(9, GgmlType.Q5_1),
    /// 5.5 bits a weight, for any rows of whole 32.
    Q5_0(8, GgmlType.Q5_0),
    /// 4.8 bits a weight: more for half of the values' and the down projections.
    Q4_K_M(15, GgmlType.Q4_K),
    /// 4.6 bits a weight: more for the first layers' values' and down projections.
    Q4_K_S(14, GgmlType.Q4_K),
    /// 4.5 bits a weight, for any rows of whole 32; the coarsest.
    Q4_0(2, GgmlType.Q4_0);

    private final int fileType;
    private final GgmlType matrices;

    GgufType(int fileType, GgmlType matrices) {
        this.fileType = fileType;
        this.matrices = matrices;
    }

    /// The number of `general.file_type`.
    public int fileType() {
        return fileType;
    }

    /// How most matrices are stored.
    public GgmlType matrices() {
        return matrices;
    }

    /// The name as users write it, such as `q8_0`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The type with this name, in upper or lower case.
    ///
    /// @throws TailorException `USAGE` naming the nearest known type
    public static GgufType parse(String label) {
        List<String> known = Arrays.stream(values()).map(GgufType::label).toList();
        int index = known.indexOf(label.toLowerCase(Locale.ROOT));
        if (index < 0) {
            throw TailorException.of(ErrorCode.USAGE, "there is no GGUF type '" + label + "'")
                    .remedy(Suggestion.advice(label, known));
        }
        return values()[index];
    }
}
