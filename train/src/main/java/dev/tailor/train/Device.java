package dev.tailor.train;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.List;
import java.util.Locale;

/// A graphics card that a plan can be made for. Rates are the makers' for dense matrices.
///
/// @param name what it is called on the command line
/// @param title what it is called elsewhere
/// @param memoryBytes what a program finds free on it
/// @param bfloat16Flops operations a second on bfloat16 matrices
/// @param float32Flops operations a second in float32
/// @param bytesPerSecond how fast its memory is
public record Device(
        String name,
        String title,
        long memoryBytes,
        double bfloat16Flops,
        double float32Flops,
        double bytesPerSecond) {
    private static final List<Device> ALL =
            List.of(
                    of("a10", "NVIDIA A10 24 GB", 22.0, 125, 31.2, 600),
                    of("l4", "NVIDIA L4 24 GB", 22.0, 121, 30.3, 300),
                    of("a100-80", "NVIDIA A100 80 GB", 79.1, 312, 19.5, 2039),
                    of("h100", "NVIDIA H100 80 GB", 79.1, 989, 67, 3350),
                    of("h200", "NVIDIA H200 141 GB", 139.7, 989, 67, 4800));

    private static Device of(
            String name, String title, double gibibytes, double tera, double tera32, double giga) {
        long bytes = Math.round(gibibytes * (1L << 30));
        return new Device(name, title, bytes, tera * 1e12, tera32 * 1e12, giga * 1e9);
    }

    /// The device of a name.
    ///
    /// @throws TailorException USAGE for a name that is not known
    public static Device named(String name) {
        return ALL.stream()
                .filter(device -> device.name().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                        TailorException.of(ErrorCode.USAGE, "no device is called '" + name + "'")
                                .remedy("those known are " + names()));
    }

    /// The names of those that are known, for messages.
    public static String names() {
        return String.join(", ", ALL.stream().map(Device::name).toList());
    }
}
