package dev.tailor.torch;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.internal.Native;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Graphics cards of this machine. Tailor finds them and says so; its kernels (attention, norms,
/// softmax, optimisers, NF4) work on the processor's memory with the Vector API, and none of them
/// runs on a card yet.
///
/// @param cards the models of NVIDIA cards that the driver knows
/// @param inLibrary whether this build's libtorch has CUDA and reaches a card with it
public record Cuda(List<String> cards, boolean inLibrary) {
    /// Where NVIDIA's driver describes its cards, a directory each.
    private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");

    private static final String MODEL = "model:";

    /// Keeps an own copy.
    public Cuda {
        cards = List.copyOf(cards);
    }

    /// What this machine has; loads libtorch.
    public static Cuda here() {
        return new Cuda(cards(DRIVER), Native.reachesCuda());
    }

    /// The models of cards in the driver's directory, in order of its names; none where there is no
    /// driver.
    static List<String> cards(Path driver) {
        List<String> cards = new ArrayList<>();
        if (!Files.isDirectory(driver)) {
            return cards;
        }
        try (Stream<Path> directories = Files.list(driver)) {
            for (Path directory : directories.sorted().toList()) {
                cards.add(model(directory.resolve("information")));
            }
        } catch (IOException e) {
            cards.add("a card that cannot be read: " + e.getMessage());
        }
        return cards;
    }

    private static String model(Path information) throws IOException {
        return Files.readAllLines(information).stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(MODEL))
                .map(line -> line.substring(MODEL.length()).trim())
                .findFirst()
                .orElse("an unnamed card");
    }

    /// What keeps Tailor from computing on a card here, the first obstacle first.
    public List<String> missing() {
        if (inLibrary) {
            return List.of();
        }
        List<String> missing = new ArrayList<>();
        if (cards.isEmpty()) {
            missing.add("the NVIDIA driver knows of no card (" + DRIVER + ")");
        }
        missing.add("this build's libtorch reaches no card (the profile gpu has one that can)");
        return missing;
    }

    /// Fails where a card cannot be computed on.
    ///
    /// @throws TailorException DEVICE_UNAVAILABLE with all that is missing
    public void require() {
        if (!missing().isEmpty()) {
            throw refusal();
        }
    }

    TailorException refusal() {
        return TailorException.of(
                        ErrorCode.DEVICE_UNAVAILABLE,
                        "cannot compute on cuda: " + String.join("; ", missing()))
                .remedy(
                        "leave --device out: everything runs on the processor; 'tailor plan RECIPE"
                                + " --device NAME' computes what a card would need");
    }
}
