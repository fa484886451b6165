package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a long run occupies, in a process of its own with the launcher's environment.
class ResidentMemoryTest {
    private static final int STEPS = 64;

    /// A setting of the launcher, as in `export NAME="${NAME:-VALUE}"`.
    private static final Pattern SETTING = Pattern.compile("(\\w+)=\"\\$\\{\\1:-([^}]*)}\"");

    @TempDir Path directory;

    @Test
    @EnabledOnOs(OS.LINUX)
    void residentMemory_lengthsThatVary_staysFlat() throws Exception {
        List<Long> resident = train();
        assertThat(resident).hasSize(STEPS);
        long early = most(resident.subList(0, STEPS / 8));
        assertThat(most(resident.subList(STEPS / 2, STEPS))).isLessThan(early + early / 2);
    }

    private static long most(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    private List<Long> train() throws IOException, InterruptedException {
        Path errors = directory.resolve("errors");
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        // a heap that does not grow, so that what grows is native
                        "-Xms64m",
                        "-Xmx64m",
                        "-XX:+AlwaysPreTouch",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                        "-Dorg.bytedeco.javacpp.maxBytes=0",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.tailor.train.VaryingLengths",
                        directory.toString(),
                        String.valueOf(STEPS));
        builder.environment().putAll(launcherSettings());
        Process process = builder.redirectError(errors.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        return out.lines().map(Long::valueOf).toList();
    }

    private static Map<String, String> launcherSettings() throws IOException {
        Path launcher = Path.of(System.getProperty("tailor.root"), "tailor");
        Map<String, String> settings =
                SETTING.matcher(Files.readString(launcher))
                        .results()
                        .collect(
                                Collectors.toMap(match -> match.group(1), match -> match.group(2)));
        assertThat(settings).containsKey("MALLOC_MMAP_MAX_");
        return settings;
    }
}
