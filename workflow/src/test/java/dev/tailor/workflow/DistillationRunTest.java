package dev.tailor.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.EventLog;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Recipes with a distill stage.
class DistillationRunTest {
    private static final String HEAD =
            """
            tailor: 1
            name: heirs
            seed: 7
            data:
              corpus:    {path: corpus.txt, kind: text, split: paragraph}
              questions: {path: questions.jsonl}
            stages:
              - init:  {id: large, architecture: {hidden-size: 48, layers: 3, heads: 2, intermediate-size: 64, context: 128}, tokenizer: {data: corpus, vocabulary: 300}}
              - cpt:   {id: elder, from: large, data: corpus, sequence-length: 48, batch-size: 2, epochs: 2, learning-rate: 3e-3}
              - init:  {id: small, architecture: {hidden-size: 32, layers: 2, heads: 2, intermediate-size: 64, context: 128}, tokenizer-from: elder}
            """;

    private static final String DISTILL =
            "  - distill: {id: heir, from: small, teacher: elder, data: corpus,"
                    + " evaluation: corpus, sequence-length: 64, batch-size: 4, epochs: 8,"
                    + " learning-rate: 1e-2, tune: full, ";

    @TempDir private Path directory;
    private TinyProject project;
    private RunDirectory run;

    @BeforeEach
    void write() throws IOException {
        project = new TinyProject(directory);
        run = new RunDirectory(directory.resolve("run"));
    }

    private RunRecord.StageRecord heir(String settings) throws IOException {
        project.write(HEAD + DISTILL + settings + "}\n");
        return project.run(run).stages().getLast();
    }

    @Test
    void run_onlineWithHiddenStatesOfAnotherWidth_comesNearer() throws IOException {
        var stage =
                heir(
                        "loss: {kl: 1, hidden-cosine: 0.5}, temperature: 2, hidden-layers: [1:2,"
                                + " 2:3]");

        assertThat(stage.metrics().get("after/eval_kl"))
                .isLessThan(0.8 * stage.metrics().get("before/eval_kl"));
        assertThat(stage.metrics().get("after/eval_hidden_cosine"))
                .isLessThan(0.9 * stage.metrics().get("before/eval_hidden_cosine"));
        assertThat(EventLog.read(run))
                .anyMatch(entry -> entry.stage().equals("heir") && entry.name().equals("kl"));
        String lineage = Files.readString(run.stage("heir").resolve("tailor.json"));
        assertThat(lineage).contains("\"name\" : \"elder\"");
    }

    @Test
    void run_offline_keepsAStoreThatAnotherRunReads() throws IOException {
        heir("teaching: {offline: {top: 16, store: shelf}}, train-on: all");
        // what is learnt and what is held out are the same here: one store serves both
        try (Stream<Path> stores = Files.list(directory.resolve("shelf"))) {
            assertThat(stores.map(path -> path.getFileName().toString()))
                    .hasSize(1)
                    .allMatch(name -> name.startsWith("logits-"));
        }

        Plan plan =
                Plan.of(
                        Recipe.read(project.recipe()),
                        run,
                        Optional.empty(),
                        false,
                        Event.Listener.none(),
                        Cancellation.never());

        assertThat(plan.stages().getLast().reused()).isTrue();
    }

    @Test
    void plan_showsTeacherAndStudent() throws IOException {
        project.write(HEAD + DISTILL + "teaching: offline}\n");
        project.run(run);
        project.write(HEAD + DISTILL + "teaching: online}\n");

        Plan.StagePlan stage =
                Plan.of(
                                Recipe.read(project.recipe()),
                                run,
                                Optional.empty(),
                                false,
                                Event.Listener.none(),
                                Cancellation.never())
                        .stages()
                        .getLast();

        assertThat(stage.description())
                .contains("distillation of elder into small on corpus, all weights");
        assertThat(stage.reasons()).anyMatch(reason -> reason.contains("'teaching' changed"));
        assertThat(stage.training()).isPresent();
    }

    @Test
    void run_withATeacherOfAnotherVocabulary_failsAtThePlan() throws IOException {
        Files.writeString(directory.resolve("other.txt"), "quick brown foxes jump\n".repeat(9));
        String other =
                HEAD.replace("data:\n", "data:\n  foxes: {path: other.txt, kind: text}\n")
                        .replace(
                                "tokenizer-from: elder",
                                "tokenizer: {data: foxes, vocabulary: 300}");
        project.write(other + DISTILL + "temperature: 1}\n");

        assertThatThrownBy(() -> project.run(run))
                .isInstanceOf(TailorException.class)
                .hasMessageContaining("another vocabulary than the student");
    }

    static List<List<String>> mistakes() {
        return List.of(
                List.of("teaching: offline, loss: hidden-mse", "not kept on disk"),
                List.of("loss: cross-entropy", "no loss of this stage asks the teacher"),
                List.of("projections: always", "'projections' has no effect"),
                List.of(
                        "loss: reverse-kl, teaching: {offline: {missing-mass: zero}}",
                        "reverse-kl is infinite"),
                List.of("loss: hidden-mse, temperature: 2", "'temperature' has no effect"),
                List.of("loss: hidden-mse, hidden-layers: [all, 1:2]", "'all' stands alone"));
    }

    @Test
    void recipe_thatCannotBe_isRefusedAtItsPlace() throws IOException {
        for (List<String> mistake : mistakes()) {
            project.write(HEAD + DISTILL + mistake.getFirst() + "}\n");

            assertThatThrownBy(() -> Recipe.read(project.recipe()))
                    .isInstanceOf(TailorException.class)
                    .hasMessageContaining(mistake.getLast())
                    .extracting(e -> ((TailorException) e).where().orElse(""))
                    .asString()
                    .contains("recipe.yaml:11:");
        }
        project.write(HEAD + DISTILL.replace("teacher: elder, ", "") + "temperature: 1}\n");
        assertThatThrownBy(() -> Recipe.read(project.recipe())).hasMessageContaining("no teacher");
    }
}
