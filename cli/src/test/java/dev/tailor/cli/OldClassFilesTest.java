package dev.tailor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.DataInputStream;
import java.io.File;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

class OldClassFilesTest {
    @TempDir Path directory;

    @Test
    void raise_picocli_isNewerAndWorks() throws Exception {
        Path original =
                Path.of(
                        CommandLine.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        Path jar = Files.copy(original, directory.resolve("picocli.jar"));
        File[] before = directory.toFile().listFiles();

        OldClassFiles.raise(jar);

        assertThat(directory.toFile().listFiles()).isEqualTo(before);
        URL[] urls = {jar.toUri().toURL()};
        try (URLClassLoader old = new URLClassLoader(new URL[] {original.toUri().toURL()}, null);
                URLClassLoader raised =
                        new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            assertThat(majorVersion(old)).isLessThan(50);
            assertThat(majorVersion(raised)).isEqualTo(52);
            assertThat(usage(raised)).contains("Usage:", "[COMMAND]", "help");
        }
    }

    private static int majorVersion(ClassLoader classes) throws Exception {
        try (InputStream bytes = classes.getResourceAsStream("picocli/CommandLine.class");
                DataInputStream data = new DataInputStream(bytes)) {
            data.skipNBytes(6);
            return data.readUnsignedShort();
        }
    }

    /// Builds and prints a command with a subcommand, which takes most of the library.
    private static String usage(ClassLoader classes) throws Exception {
        Class<?> type = classes.loadClass("picocli.CommandLine");
        Object help =
                classes.loadClass("picocli.CommandLine$HelpCommand").getConstructor().newInstance();
        Class<?> spec = classes.loadClass("picocli.CommandLine$Model$CommandSpec");
        Object command =
                type.getConstructor(Object.class)
                        .newInstance(spec.getMethod("create").invoke(null));
        type.getMethod("addSubcommand", Object.class).invoke(command, help);
        return (String) type.getMethod("getUsageMessage").invoke(command);
    }
}
