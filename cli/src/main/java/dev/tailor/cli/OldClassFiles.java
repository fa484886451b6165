package dev.tailor.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Raises the classes of a library's jar to a version with stack maps. The launcher's ahead-of-time
/// cache holds no class that is older (Java 5 and before), and picocli's are: starting takes 0.2 s
/// less when they are in it.
final class OldClassFiles {
    private static final int OLDEST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;

    private OldClassFiles() {}

    /// Rewrites the jars named in place.
    public static void main(String[] args) throws IOException {
        for (String jar : args) {
            raise(Path.of(jar));
        }
    }

    /// Rewrites a jar, of which another program may have a link: that keeps what it has.
    static void raise(Path jar) throws IOException {
        Path raised = jar.resolveSibling(jar.getFileName() + ".raised");
        try (ZipFile old = new ZipFile(jar.toFile());
                URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
                OutputStream bytes = Files.newOutputStream(raised);
                ZipOutputStream out = new ZipOutputStream(bytes)) {
            ClassFile format = format(classes);
            for (ZipEntry entry : Collections.list(old.entries())) {
                byte[] content = old.getInputStream(entry).readAllBytes();
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(entry.getName().endsWith(".class") ? raise(content, format) : content);
                out.closeEntry();
            }
        }
        Files.move(raised, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static ClassFile format(ClassLoader classes) {
        return ClassFile.of(
                StackMapsOption.GENERATE_STACK_MAPS,
                ConstantPoolSharingOption.NEW_POOL,
                ClassHierarchyResolverOption.of(
                        ClassHierarchyResolver.ofResourceParsing(classes)
                                .orElse(ClassHierarchyResolver.defaultResolver())));
    }

    private static byte[] raise(byte[] content, ClassFile format) {
        ClassModel model = format.parse(content);
        if (model.majorVersion() > OLDEST_WITH_STACK_MAPS) {
            return content;
        }
        // Code is made anew, instruction by instruction, as stack maps come with that.
        return format.transformClass(
                model,
                ClassTransform.transformingMethodBodies((code, element) -> code.with(element))
                        .andThen((into, element) -> {
                            if (element instanceof ClassFileVersion) {
                                into.withVersion(ClassFile.JAVA_8_VERSION, 0);
                            } else {
                                into.with(element);
                            }
                        }));
    }
}
