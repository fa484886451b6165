package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/// Merges that are stopped, whose inputs are broken or change, and what is recorded of them.
class ResumeTest {
    private static final String CASE = "ties-bf16";
    private static final MergeOptions OPTIONS = MergeOptions.standard().withThreads(2);

    @TempDir Path directory;

    @Test
    void run_stoppedAnywhere_goesOnToTheSameBytes() throws IOException {
        MergePlan plan = Golden.plan(CASE);
        Path whole = directory.resolve("whole");
        Golden.run(plan, whole, OPTIONS);
        Path out = directory.resolve("out");
        Path unfinished = directory.resolve(".out.unfinished");
        int most = plan.tensors().size();
        for (int stopAfter : new int[] {1, most / 2, most - 1}) {
            stop(plan, out, stopAfter);
            assertThat(out).doesNotExist();
            assertThat(unfinished).isDirectory();
        }
        List<String> notes = new ArrayList<>();
        Merge.run(plan, out, OPTIONS, noteTo(notes), Cancellation.never());
        assertThat(notes).anyMatch(note -> note.contains("going on with a merge"));
        assertThat(out.resolve("model.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("model.safetensors"));
        assertThat(out.resolve("tailor.json"))
                .hasSameTextualContentAs(whole.resolve("tailor.json"));
        assertThat(unfinished).doesNotExist();
        assertThat(out.resolve("journal.txt")).doesNotExist();
    }

    /// What the journal tells may not have reached the disk.
    @Test
    void run_finishedTensorWasLost_isMadeAgain() throws IOException {
        MergePlan plan = Golden.plan(CASE);
        Path whole = directory.resolve("whole");
        Golden.run(plan, whole, OPTIONS);
        Path out = directory.resolve("out");
        stop(plan, out, plan.tensors().size() / 2);
        Path partial = directory.resolve(".out.unfinished/model.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(partial.toFile(), "rw")) {
            long length = file.length();
            file.seek(length / 8);
            file.write(new byte[(int) (length / 2)]);
            assertThat(file.length()).isEqualTo(length);
        }
        Golden.run(plan, out, OPTIONS);
        assertThat(out.resolve("model.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    }

    /// What was measured before the stop is kept, to the last bit, and not measured again.
    @Test
    void run_explainedAndStopped_explainsTheSame() throws IOException {
        MergePlan plan = Golden.plan(CASE);
        Path explanation = directory.resolve("explanation.json");
        MergeOptions explained = OPTIONS.withExplanations(List.of(explanation));
        Golden.run(plan, directory.resolve("whole"), explained);
        JsonNode expected = explanation(explanation);
        Path out = directory.resolve("out");
        int half = plan.tensors().size() / 2;
        stop(plan, out, half, explained);
        List<Long> made = new ArrayList<>();
        Merge.run(
                plan,
                out,
                explained,
                event -> {
                    if (event instanceof Event.Step step) {
                        made.add(step.step());
                    }
                },
                Cancellation.never());
        assertThat(made.getFirst()).isEqualTo(half + 1);
        assertThat(explanation(explanation)).isEqualTo(expected);
    }

    @Test
    void run_stoppedWithoutAnExplanation_measuresEveryTensorWhenAskedForOne() throws IOException {
        MergePlan plan = Golden.plan(CASE);
        Path explanation = directory.resolve("explanation.json");
        MergeOptions explained = OPTIONS.withExplanations(List.of(explanation));
        Golden.run(plan, directory.resolve("whole"), explained);
        JsonNode expected = explanation(explanation);
        Path out = directory.resolve("out");
        stop(plan, out, plan.tensors().size() / 2);
        Golden.run(plan, out, explained);
        assertThat(explanation(explanation)).isEqualTo(expected);
    }

    /// Without the time it took.
    private static JsonNode explanation(Path file) throws IOException {
        ObjectNode explanation =
                (ObjectNode) JsonMapper.shared().readTree(Files.readAllBytes(file));
        assertThat(explanation.remove("seconds")).isNotNull();
        return explanation;
    }

    @Test
    void run_otherSettingsAfterAStop_beginsAnew() throws IOException {
        MergePlan plan = Golden.plan(CASE);
        Path out = directory.resolve("out");
        stop(plan, out, 3);
        List<String> notes = new ArrayList<>();
        Merge.run(plan, out, OPTIONS.withCompat(true), noteTo(notes), Cancellation.never());
        assertThat(notes).noneMatch(note -> note.contains("going on"));
        Path whole = directory.resolve("whole");
        Golden.run(plan, whole, OPTIONS.withCompat(true));
        assertThat(out.resolve("model.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    }

    @Test
    void notFinite_inAnInput_isNamedWithItsPlace() throws IOException {
        MergePlan plan = brokenModels();
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> Golden.run(plan, directory.resolve("out"), OPTIONS));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.render())
                .contains("model.layers.0.up.weight", "[1, 2]", "/b", "--nan keep");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void notFinite_toBeKept_isKeptAndNoted() throws IOException {
        List<String> notes = new ArrayList<>();
        Path out = directory.resolve("out");
        Merge.run(
                brokenModels(),
                out,
                OPTIONS.withNotFinite(NotFinite.KEEP),
                noteTo(notes),
                Cancellation.never());
        assertThat(notes).anyMatch(note -> note.contains("[1, 2]") && note.contains("kept"));
        try (Checkpoint merged = Checkpoint.open(out)) {
            float[] values =
                    dev.tailor.tensors.Conversions.toFloats(
                            DType.BF16, merged.data("model.layers.0.up.weight"));
            assertThat(values[1 * 3 + 2]).isNaN();
            assertThat(values[0]).isEqualTo(1.5f);
        }
    }

    @Test
    void input_changesMeanwhile_isNamed() throws IOException {
        MergePlan plan = twoModels(0.5f);
        Path changed = directory.resolve("b/model.safetensors");
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () ->
                                Merge.run(
                                        plan,
                                        directory.resolve("out"),
                                        OPTIONS,
                                        event -> touch(changed),
                                        Cancellation.never()));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
        assertThat(error.render()).contains("changed while it was merged", "b/model.safetensors");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void lineage_checksums_areThoseOfTheFiles() throws IOException {
        MergePlan plan = twoModels(0.5f);
        Path out = directory.resolve("out");
        Golden.run(plan, out, OPTIONS.withDigests(true));
        JsonNode lineage =
                JsonMapper.shared().readTree(Files.readAllBytes(out.resolve("tailor.json")));
        CRC32 crc = new CRC32();
        crc.update(Files.readAllBytes(out.resolve("model.safetensors")));
        assertThat(lineage.get("files_crc32").get("model.safetensors").stringValue())
                .isEqualTo(HexFormat.of().toHexDigits((int) crc.getValue()));
        assertThat(lineage.get("files_sha256").get("model.safetensors").stringValue()).hasSize(64);
        try (Checkpoint input = Checkpoint.open(directory.resolve("b"))) {
            CRC32 tensor = new CRC32();
            tensor.update(input.data("model.layers.0.up.weight").asByteBuffer());
            assertThat(
                            lineage.get("parents")
                                    .get(1)
                                    .get("tensors_crc32")
                                    .get("model.layers.0.up.weight")
                                    .stringValue())
                    .isEqualTo(HexFormat.of().toHexDigits((int) tensor.getValue()));
        }
    }

    private MergePlan brokenModels() throws IOException {
        return twoModels(Float.NaN);
    }

    private MergePlan twoModels(float last) throws IOException {
        for (String name : List.of("a", "b")) {
            float[] values = {1, 1, 1, 1, 1, 1};
            if (name.equals("b")) {
                values[0] = 2;
                values[5] = last;
            }
            new TinyModel()
                    .tensor("model.layers.0.up.weight", DType.BF16, values, 2, 3)
                    .write(directory.resolve(name));
        }
        String yaml =
                """
                merge_method: linear
                models:
                - {model: a, parameters: {weight: 1}}
                - {model: b, parameters: {weight: 1}}
                """;
        return Merge.plan(
                MergeConfig.read(
                        dev.tailor.core.yaml.Yaml.parse(Path.of("merge.yml"), yaml).getFirst()),
                ModelResolver.in(List.of(directory)));
    }

    private static void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Stops a merge from within after so many tensors, as Ctrl-C would.
    private static void stop(MergePlan plan, Path out, int tensors) {
        stop(plan, out, tensors, OPTIONS);
    }

    private static void stop(MergePlan plan, Path out, int tensors, MergeOptions options) {
        Cancellation cancellation = new Cancellation();
        Event.Listener listener =
                event -> {
                    if (event instanceof Event.Step step && step.step() >= tensors) {
                        cancellation.request();
                    }
                };
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> Merge.run(plan, out, options, listener, cancellation));
        assertThat(error.code()).isEqualTo(ErrorCode.INTERRUPTED);
    }

    private static Event.Listener noteTo(List<String> notes) {
        return event -> {
            if (event instanceof Event.Note note) {
                notes.add(note.message());
            }
        };
    }
}
