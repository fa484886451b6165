package dev.tailor.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.EventLog;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunLock;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.RunRecord.Status;
import dev.tailor.workflow.store.Store;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class RunTest {
    private static FinishedRun finished;
    private static TinyProject project;
    private static RunDirectory whole;
    private static RunRecord wholeRecord;
    private static Map<String, String> wholeBytes;

    @TempDir Path directory;

    @BeforeAll
    static void runOnceWithoutInterruption() throws IOException {
        finished = FinishedRun.get();
        project = finished.project();
        whole = finished.directory();
        wholeRecord = finished.record();
        wholeBytes = TinyProject.bytes(whole);
    }

    @Test
    void run_wholeRecipe_leavesModelsWithLineage() {
        assertThat(wholeRecord.status()).isEqualTo(Status.FINISHED);
        for (String stage : List.of("fresh", "domain", "instruct", "aligned", "liked", "merged")) {
            assertThat(whole.stage(stage))
                    .isDirectoryContaining("glob:**/model.safetensors")
                    .isDirectoryContaining("glob:**/config.json")
                    .isDirectoryContaining("glob:**/tokenizer.json")
                    .isDirectoryContaining("glob:**/chat_template.jinja")
                    .isDirectoryContaining("glob:**/tailor.json")
                    .isDirectoryContaining("glob:**/README.md");
        }
        assertThat(whole.stage("instruct").resolve("adapter/adapter_config.json")).exists();
        assertThat(whole.stage("export").resolve("tiny-f16.gguf")).exists();
        assertThat(whole.stage("export").resolve("Modelfile")).exists();
        assertThat(whole.report()).content().contains("bits per byte of corpus");
        assertThat(whole.work()).doesNotExist();
    }

    @Test
    void run_wholeRecipe_logsEveryStepOnce() {
        List<Long> steps =
                EventLog.read(whole).stream()
                        .filter(e -> e.stage().equals("domain") && e.name().equals("loss"))
                        .map(EventLog.Entry::step)
                        .toList();

        assertThat(steps).hasSizeGreaterThan(3).isSorted().doesNotHaveDuplicates();
        assertThat(steps.getFirst()).isEqualTo(1);
    }

    @Test
    void run_again_reusesEveryStage() throws IOException {
        RunDirectory run = copyOfWhole();

        RunRecord record = project.run(run);

        assertThat(record.stages()).extracting(StageRecord::status).containsOnly(Status.REUSED);
        assertThat(TinyProject.bytes(run)).isEqualTo(wholeBytes);
    }

    @Test
    void run_changedSetting_runsOnlyWhatDependsOnIt() throws IOException {
        RunDirectory run = copyOfWhole();
        Recipe changed =
                Recipe.read(
                        project.recipe(),
                        List.of("stages.aligned.beta=0.2", "stages.board.limit=3"));

        RunRecord record =
                Run.of(
                        changed,
                        run,
                        Optional.of("board"),
                        Event.Listener.none(),
                        Cancellation.never());

        assertThat(record.stages())
                .extracting(StageRecord::status)
                .containsExactly(
                        Status.REUSED,
                        Status.REUSED,
                        Status.REUSED,
                        Status.FINISHED,
                        Status.REUSED,
                        Status.FINISHED,
                        Status.FINISHED,
                        Status.WAITING,
                        Status.WAITING);
    }

    @Test
    void run_resultChangedByHand_isMadeAgain() throws IOException {
        RunDirectory run = copyOfWhole();
        Files.writeString(run.stage("export").resolve("Modelfile"), "FROM something else\n");

        RunRecord record = project.run(run);

        assertThat(record.stages().getLast().status()).isEqualTo(Status.FINISHED);
        assertThat(TinyProject.bytes(run)).isEqualTo(wholeBytes);
    }

    @Test
    void run_cancelledInEachTrainingStage_goesOnToTheSameBytes() throws IOException {
        RunDirectory run = new RunDirectory(directory.resolve("run"));
        for (String stage : List.of("domain", "instruct", "aligned")) {
            Cancellation cancellation = new Cancellation();
            TailorException error =
                    catchThrowableOfType(
                            TailorException.class,
                            () ->
                                    project.run(
                                            run,
                                            atStep(stage, 2, cancellation::request),
                                            cancellation));

            assertThat(error.code()).isEqualTo(ErrorCode.INTERRUPTED);
            assertThat(Store.run(run).orElseThrow().status()).isEqualTo(Status.STOPPED);
        }

        project.run(run);

        assertThat(TinyProject.bytes(run)).isEqualTo(wholeBytes);
    }

    @Test
    void run_stoppedAndChanged_isRefusedWithTheDifference_andLosesNothing() throws IOException {
        RunDirectory run = copyOfWhole();
        List<String> more = List.of("stages.instruct.epochs=3");
        List<String> other = List.of("stages.instruct.epochs=3", "stages.instruct.batch-size=4");
        Cancellation cancellation = new Cancellation();
        catchThrowableOfType(
                TailorException.class,
                () -> run(run, more, atStep("instruct", 3, cancellation::request), cancellation));

        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> run(run, other, Event.Listener.none(), Cancellation.never()));

        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error.getMessage())
                .isEqualTo(
                        "'instruct' was stopped at step 3 with other settings: 'batch-size' changed"
                                + " from 2 to 4");
        assertThat(error.remedy().orElseThrow()).contains("delete " + run.work());
        List<String> notes = new ArrayList<>();
        run(
                run,
                more,
                event -> {
                    if (event instanceof Event.Note note) {
                        notes.add(note.message());
                    }
                },
                Cancellation.never());
        assertThat(notes).contains("continuing after step 3");
        assertThat(run.masks("instruct")).exists();
        assertThat(run.report()).content().contains("What is learnt", "tok learnt");
    }

    private static void run(
            RunDirectory run,
            List<String> overrides,
            Event.Listener listener,
            Cancellation cancellation) {
        Run.of(
                Recipe.read(project.recipe(), overrides),
                run,
                Optional.of("instruct"),
                listener,
                cancellation);
    }

    @Test
    void run_killedAgainAndAgain_goesOnToTheSameBytes() throws Exception {
        RunDirectory run = new RunDirectory(directory.resolve("run"));
        for (String line :
                List.of(
                        "domain 4",
                        "instruct 3",
                        "aligned 2",
                        "started merged",
                        "started board",
                        "started export")) {
            killAt(line, run);
        }

        project.run(run);

        assertThat(TinyProject.bytes(run)).isEqualTo(wholeBytes);
        assertThat(losses(run)).isEqualTo(losses(whole));
    }

    @Test
    void run_whileAnotherRuns_isRefused() throws IOException {
        RunDirectory run = copyOfWhole();
        try (RunLock lock = RunLock.take(run)) {
            TailorException error =
                    catchThrowableOfType(TailorException.class, () -> project.run(run));

            assertThat(lock).isNotNull();
            assertThat(error.code()).isEqualTo(ErrorCode.USAGE);
        }
    }

    @Test
    void run_gateThatDoesNotHold_failsAfterTheReport() throws IOException {
        RunDirectory run = copyOfWhole();
        TinyProject strict = new TinyProject(directory.resolve("strict"));
        strict.write(TinyProject.RECIPE.replace("<= domain + 1000", "<= domain - 1000"));

        TailorException error = catchThrowableOfType(TailorException.class, () -> strict.run(run));

        assertThat(error.code()).isEqualTo(ErrorCode.GATE_FAILED);
        assertThat(error.where().orElseThrow()).contains("recipe.yaml:16:");
        assertThat(run.report()).content().contains("gate failed").contains("does not hold");
        assertThat(Store.run(run).orElseThrow().status()).isEqualTo(Status.REFUSED);
    }

    @Test
    void run_dataOfAnotherKind_failsBeforeAnythingRuns() throws IOException {
        TinyProject wrong = new TinyProject(directory.resolve("wrong"));
        wrong.write(
                TinyProject.RECIPE.replace(
                        "from: domain, data: questions", "from: domain, data: choices"));
        RunDirectory run = new RunDirectory(directory.resolve("run"));

        TailorException error = catchThrowableOfType(TailorException.class, () -> wrong.run(run));

        assertThat(error.getMessage())
                .isEqualTo("'choices' is preference data, chat data is needed here");
        assertThat(error.where().orElseThrow()).contains("recipe.yaml:11:");
        assertThat(run.root()).doesNotExist();
    }

    @Test
    void run_missingDataFile_failsAtItsPlace() throws IOException {
        TinyProject wrong = new TinyProject(directory.resolve("wrong"));
        wrong.write(TinyProject.RECIPE.replace("choices.jsonl", "choice.jsonl"));

        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> wrong.run(new RunDirectory(directory.resolve("run"))));

        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(error.where().orElseThrow()).contains("recipe.yaml:7:");
        assertThat(error.getMessage()).contains("choice.jsonl");
    }

    private static List<Double> losses(RunDirectory run) {
        return EventLog.read(run).stream()
                .filter(entry -> entry.name().equals("loss"))
                .map(EventLog.Entry::value)
                .toList();
    }

    private static Event.Listener atStep(String stage, long step, Runnable action) {
        return event -> {
            if (event instanceof Event.Step s && s.stage().equals(stage) && s.step() == step) {
                action.run();
            }
        };
    }

    private RunDirectory copyOfWhole() throws IOException {
        return finished.copyTo(directory.resolve("copy"));
    }

    /// Runs in a process of its own and kills it when it prints the line.
    private static void killAt(String line, RunDirectory run) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(argument -> !argument.startsWith("-javaagent"))
                        .toList());
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        RunningProcess.class.getName(),
                        project.recipe().toString(),
                        run.root().toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> seen = new ArrayList<>();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String read = output.readLine(); read != null; read = output.readLine()) {
                seen.add(read);
                if (read.equals(line)) {
                    process.destroyForcibly();
                    break;
                }
            }
        }
        process.waitFor();
        assertThat(seen).contains(line);
    }
}
