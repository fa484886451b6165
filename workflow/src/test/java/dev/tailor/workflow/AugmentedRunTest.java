package dev.tailor.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.AnswerLog;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.RunRecord.Status;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Instruction pre-training in a recipe, mixed with raw text and conversations, with samples.
class AugmentedRunTest {
    private static final String RECIPE =
            """
            tailor: 1
            name: augmented
            seed: 7
            data:
              corpus:    {path: corpus.txt, kind: text, split: paragraph}
              questions: {path: questions.jsonl, weight: 0.5}
              read:      {path: read.jsonl, weight: 2}
            stages:
              - init: {id: fresh, architecture: {hidden-size: 32, layers: 2, heads: 2, intermediate-size: 64, context: 256}, tokenizer: {data: [corpus, read], vocabulary: 300}}
              - cpt:  {id: domain, from: fresh, data: [read, corpus, questions], shots: 2, sequence-length: 256, batch-size: 2, epochs: 3, learning-rate: 3e-3,
                       samples: {prompts: ["The depot at", "<script>alert(1)</script>"], every: 5, max-tokens: 4}}
            """;

    @TempDir Path directory;

    @Test
    void run_mixOfAugmentedRawAndChat_learnsAndAnswersOnTheWay() throws IOException {
        TinyProject project = project();
        RunDirectory run = new RunDirectory(directory.resolve("run"));
        project.run(run);
        RunRecord again = project.run(run);
        project.write(RECIPE.replace("every: 5", "every: 6"));
        RunRecord other = project.run(run);

        StageRecord domain = again.stages().getLast();
        assertThat(domain.metrics())
                .containsEntry("chains", 8.0)
                .containsEntry("augmented_texts", 16.0)
                .containsEntry("pairs", 32.0)
                .containsEntry("pairs_left_out", 0.0);
        assertThat(domain.notes()).anyMatch(note -> note.contains("16 texts with 32 questions"));
        List<AnswerLog.Entry> answers = AnswerLog.read(run);
        assertThat(answers).extracting(AnswerLog.Entry::step).contains(0L, 5L, 9L).isSorted();
        assertThat(answers).hasSizeGreaterThan(5).doesNotHaveDuplicates();
        assertThat(run.report())
                .content()
                .contains("<th>step 0</th><th>step 5</th>")
                .contains("<b>The depot at</b>")
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert");
        assertThat(other.stages()).extracting(StageRecord::status).containsOnly(Status.REUSED);
    }

    @Test
    void plan_countsChains() throws IOException {
        TinyProject project = project();
        RunDirectory run = new RunDirectory(directory.resolve("run"));
        Run.of(
                Recipe.read(project.recipe()),
                run,
                Optional.of("fresh"),
                Event.Listener.none(),
                Cancellation.never());

        Plan plan =
                Plan.of(
                        Recipe.read(project.recipe()),
                        run,
                        Optional.empty(),
                        false,
                        Event.Listener.none(),
                        Cancellation.never());

        assertThat(plan.stages().getLast().training().orElseThrow().chains().chains()).isEqualTo(8);
        assertThat(plan.stages().getLast().notes())
                .anyMatch(note -> note.contains("stand in 8 sequences"));
        assertThat(plan.data())
                .filteredOn(data -> data.name().equals("read"))
                .singleElement()
                .satisfies(data ->
                        assertThat(data.rejected()).containsEntry("no column 'answer'", 1L));
    }

    private TinyProject project() throws IOException {
        TinyProject project = new TinyProject(directory.resolve("project"));
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            rows.append(
                    """
                    {"text": "Van %d is red.", "pairs": [{"question": "Which?", "answer": "%d"}, {"question": "Color?", "answer": "red"}]}
                    """
                            .formatted(i, i));
        }
        rows.append("{\"text\": \"Bad.\", \"pairs\": [{\"question\": \"Which?\"}]}\n");
        Files.writeString(directory.resolve("project/read.jsonl"), rows);
        project.write(RECIPE);
        return project;
    }
}
