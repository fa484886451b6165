package dev.tailor.export;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.GgmlType;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What a GGUF file stores its matrices in. Vectors (norms, biases) are always stored in f32, and a
/// matrix whose rows are not whole blocks in f16.
public enum GgufType {
    /// 32 bits a weight: exact.
    F32(0, GgmlType.F32),
    /// 16 bits a weight, half precision.
    F16(1, GgmlType.F16),
    /// 16 bits a weight: exact for models that were trained in bfloat16.
    BF16(32, GgmlType.BF16),
    /// 8.5 bits a weight, hardly a difference in the answers.
    Q8_0(7, GgmlType.Q8_0);

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

    /// How a tensor of this shape is stored.
    public GgmlType storageOf(List<Long> shape) {
        if (shape.size() < 2) {
            return GgmlType.F32;
        }
        return matrices.fits(shape) ? matrices : GgmlType.F16;
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
