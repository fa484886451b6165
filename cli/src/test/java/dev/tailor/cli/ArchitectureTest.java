package dev.tailor.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Keeps the walls of `docs/design/architecture.md`.
class ArchitectureTest {
    private static final String ROOT = "dev.tailor.";

    /// The module table: who may use whom.
    private static final Map<String, List<String>> MAY_USE = new LinkedHashMap<>();

    static {
        MAY_USE.put("core", List.of());
        MAY_USE.put("tensors", List.of("core"));
        MAY_USE.put("text", List.of("core"));
        MAY_USE.put("data", List.of("core", "text"));
        MAY_USE.put("merge", List.of("core", "tensors", "text"));
        MAY_USE.put("torch", List.of("core", "tensors"));
        MAY_USE.put("train", List.of("core", "tensors", "text", "data", "torch"));
        MAY_USE.put("eval", List.of("core", "text", "data"));
        MAY_USE.put("export", List.of("core", "tensors", "text"));
        MAY_USE.put(
                "workflow",
                List.of(
                        "core", "tensors", "text", "data", "merge", "torch", "train", "eval",
                        "export"));
        MAY_USE.put("serve", List.of("core", "text", "torch"));
        MAY_USE.put(
                "cli",
                List.of(
                        "core",
                        "tensors",
                        "text",
                        "data",
                        "merge",
                        "torch",
                        "train",
                        "eval",
                        "export",
                        "workflow",
                        "serve"));
    }

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.tailor");
    }

    @TestFactory
    Stream<DynamicTest> module_usesOnlyWhatTheTableAllows() {
        return MAY_USE.entrySet().stream()
                .map(entry ->
                        DynamicTest.dynamicTest(
                                entry.getKey(),
                                () -> checkModule(entry.getKey(), entry.getValue())));
    }

    private static void checkModule(String module, List<String> allowed) {
        List<String> packages = new ArrayList<>(List.of(ROOT + module + ".."));
        allowed.forEach(other -> packages.add(ROOT + other + ".."));
        DescribedPredicate<JavaClass> foreign =
                resideInAPackage("dev.tailor..")
                        .and(
                                DescribedPredicate.not(
                                        resideInAnyPackage(packages.toArray(String[]::new))));
        noClasses()
                .that()
                .resideInAPackage(ROOT + module + "..")
                .should()
                .dependOnClassesThat(foreign)
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void modules_haveNoCycles() {
        slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(classes);
    }

    @Test
    void internalPackages_ofAModule_haveNoCycles() {
        slices().matching(ROOT + "(*).internal.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void internals_ofOtherModules_areNotUsed() {
        List<String> modules = List.copyOf(MAY_USE.keySet());
        for (String module : modules) {
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT + module + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(ROOT + module + ".internal..")
                    .allowEmptyShould(true)
                    .check(classes);
        }
    }

    @Test
    void nativeTensors_areReachedOnlyFromTorch() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(classes);
    }

    @Test
    void databases_areNotUsed() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..")
                .check(classes);
    }

    @Test
    void commandLineParser_isUsedOnlyByTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(classes);
    }

    @Test
    void staticFields_areFinal() {
        fields().that().areStatic().should().beFinal().check(classes);
    }

    @Test
    void classNames_sayWhatTheyAre() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(classes);
    }

    @Test
    void commands_areFinalAndCalledSo() {
        classes()
                .that(resideInAPackage(ROOT + "cli.command"))
                .and()
                .areAnnotatedWith(picocli.CommandLine.Command.class)
                .and()
                .areTopLevelClasses()
                .should()
                .haveSimpleNameEndingWith("Command")
                .andShould()
                .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
                .check(classes);
    }
}
