package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class CudaTest {
    @TempDir Path driver;

    @Test
    void cards_areThoseTheDriverDescribes() throws IOException {
        card("0000:01:00.0", "Model: \t\t NVIDIA A10\nIRQ:   \t\t 16\n");
        card("0000:02:00.0", "Model: \t\t NVIDIA L4\n");

        assertThat(Cuda.cards(driver)).containsExactly("NVIDIA A10", "NVIDIA L4");
        assertThat(Cuda.cards(driver.resolve("none"))).isEmpty();
    }

    @Test
    void refusal_namesEverythingThatIsMissing() {
        TailorException without = new Cuda(List.of(), false).refusal();
        assertThat(without.code()).isEqualTo(ErrorCode.DEVICE_UNAVAILABLE);
        assertThat(without.render())
                .contains("knows of no card")
                .contains("libtorch reaches no card")
                .contains("leave --device out");

        assertThat(new Cuda(List.of("NVIDIA L4"), true).missing()).isEmpty();
    }

    @Test
    void here_isAnswered() {
        Cuda here = Cuda.here();
        assertThat(here.inLibrary() && here.cards().isEmpty()).isFalse();
    }

    private void card(String name, String information) throws IOException {
        Path directory = Files.createDirectory(driver.resolve(name));
        Files.writeString(directory.resolve("information"), information);
    }
}
