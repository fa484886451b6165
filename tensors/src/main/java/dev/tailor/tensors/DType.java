package dev.tailor.tensors;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.Optional;

/// The element types a checkpoint can hold, by the names of the safetensors format.
public enum DType {
    /// IEEE double precision.
    F64(8, 12),
    /// IEEE single precision.
    F32(4, 11),
    /// IEEE half precision.
    F16(2, 7),
    /// The upper half of single precision.
    BF16(2, 8),
    /// 8-bit float: 4 exponent bits, 3 mantissa bits, no infinity (`float8_e4m3fn`).
    F8_E4M3(1, 4),
    /// 8-bit float: 5 exponent bits, 2 mantissa bits.
    F8_E5M2(1, 3),
    /// Signed 64-bit integer.
    I64(8, 13),
    /// Signed 32-bit integer.
    I32(4, 9),
    /// Signed 16-bit integer.
    I16(2, 5),
    /// Signed byte.
    I8(1, 2),
    /// Unsigned 64-bit integer.
    U64(8, 14),
    /// Unsigned 32-bit integer.
    U32(4, 10),
    /// Unsigned 16-bit integer.
    U16(2, 6),
    /// Unsigned byte.
    U8(1, 1),
    /// One byte, 0 or 1.
    BOOL(1, 0);

    private final int bytes;
    private final int fileOrder;

    DType(int bytes, int fileOrder) {
        this.bytes = bytes;
        this.fileOrder = fileOrder;
    }

    /// Bytes per element.
    public int bytes() {
        return bytes;
    }

    /// The place of this type in a file, as in the reference implementation of safetensors: tensors
    /// of a higher order come first, so that every tensor is aligned to its element.
    public int fileOrder() {
        return fileOrder;
    }

    /// Whether elements are floating-point numbers.
    public boolean isFloat() {
        return switch (this) {
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2 -> true;
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> false;
        };
    }

    /// The name in a safetensors header, such as `BF16`.
    public String safetensorsName() {
        return name();
    }

    /// The name PyTorch and `config.json` use, such as `bfloat16`.
    public String torchName() {
        return switch (this) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case F8_E4M3 -> "float8_e4m3fn";
            case F8_E5M2 -> "float8_e5m2";
            case I64 -> "int64";
            case I32 -> "int32";
            case I16 -> "int16";
            case I8 -> "int8";
            case U64 -> "uint64";
            case U32 -> "uint32";
            case U16 -> "uint16";
            case U8 -> "uint8";
            case BOOL -> "bool";
        };
    }

    /// The type of that safetensors or PyTorch name, if there is one.
    public static Optional<DType> find(String name) {
        for (DType type : values()) {
            if (type.safetensorsName().equals(name) || type.torchName().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /// The type of that safetensors or PyTorch name.
    ///
    /// Throws [TailorException] with [ErrorCode#CONFIG_INVALID] if there is none.
    public static DType parse(String name) {
        return find(name)
                .orElseThrow(() ->
                        TailorException.of(ErrorCode.CONFIG_INVALID, "unknown dtype '" + name + "'")
                                .remedy("common ones: float32, bfloat16, float16"));
    }
}
