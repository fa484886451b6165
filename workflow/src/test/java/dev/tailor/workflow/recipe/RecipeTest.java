package dev.tailor.workflow.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.LoraStart;
import dev.tailor.torch.LoraTargets;
import dev.tailor.torch.LoraVariant;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.train.LossGuard;
import dev.tailor.train.Objective;
import dev.tailor.train.Refinements;
import dev.tailor.train.Schedule;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

class RecipeTest {
    @TempDir Path directory;

    @Test
    void read_exampleOfTheContract_givesItsStages() throws IOException {
        Recipe recipe = read(Recipes.CONTRACT);

        assertThat(recipe.name()).isEqualTo("energy-assistant");
        assertThat(recipe.stages())
                .extracting(Stage::id)
                .containsExactly(
                        "domain", "domain2", "instruct", "aligned", "board", "gate", "export");
        assertThat(recipe.stages())
                .extracting(Stage::kind)
                .containsExactly("cpt", "merge", "sft", "dpo", "eval", "gate", "export");
        assertThat(recipe.data()).containsOnlyKeys("manuals", "questions", "choices", "holdout");
    }

    @Test
    void read_trainingStage_givesItsSettings() throws IOException {
        Recipe recipe = read(Recipes.CONTRACT);

        Lesson cpt = ((Stage.Cpt) recipe.stages().getFirst()).lesson();
        assertThat(cpt.from()).isEqualTo(new ModelReference.Base());
        assertThat(cpt.objective()).isEqualTo(new Objective.CausalLm(true));
        assertThat(cpt.tuning())
                .isInstanceOfSatisfying(
                        Tuning.Spectrum.class,
                        spectrum -> assertThat(spectrum.topPercent()).isEqualTo(50));
        assertThat(cpt.settings().sequenceLength()).isEqualTo(512);
        assertThat(cpt.settings().epochs()).isEqualTo(2);
        assertThat(cpt.settings().learningRate()).isEqualTo(2e-4);
        assertThat(cpt.settings().schedule()).isEqualTo(new Schedule.Cosine(0));
        assertThat(cpt.seed()).isEqualTo(42);
    }

    @Test
    void read_optimizerAndSchedule_giveTheirSettings() throws IOException {
        AdamWSettings adamW = new AdamWSettings(0.9, 0.95, 1e-8, 0.1, false);

        assertThat(settings("weight-decay: 0.1, adam-beta2: 0.95").optimizer()).isEqualTo(adamW);
        assertThat(
                        settings("optimizer: adamw-8bit, weight-decay: 0.1, adam-beta2: 0.95")
                                .optimizer())
                .isEqualTo(new OptimizerSettings.AdamW8Bit(adamW));
        assertThat(settings("optimizer: {lion: {beta2: 0.98}}").optimizer())
                .isEqualTo(new OptimizerSettings.Lion(0.9, 0.98, 0));
        assertThat(settings("optimizer: adafactor").optimizer())
                .isEqualTo(new OptimizerSettings.Adafactor(0));
        assertThat(settings("optimizer: muon").optimizer())
                .isEqualTo(OptimizerSettings.Muon.defaults(0));
        assertThat(settings("optimizer: schedule-free-adamw, schedule: constant").optimizer())
                .isEqualTo(new OptimizerSettings.ScheduleFree(AdamWSettings.defaults(0)));
        assertThat(settings("schedule: {polynomial: {power: 3, minimum: 0.1}}").schedule())
                .isEqualTo(new Schedule.Polynomial(3, 0.1));
        assertThat(settings("schedule: inverse-square-root").schedule())
                .isEqualTo(new Schedule.InverseSquareRoot(0));
    }

    @Test
    void read_refinements_giveTheirSettings() throws IOException {
        assertThat(settings("epochs: 1").refinements()).isEqualTo(Refinements.none());
        assertThat(
                        settings(
                                        "evaluation: q, evaluation-every: 10, early-stopping: 3,"
                                                + " ema-decay: 0.99, neftune-alpha: 5, order:"
                                                + " length-grouped")
                                .refinements())
                .isEqualTo(
                        new Refinements(
                                5,
                                0.99,
                                false,
                                3,
                                Refinements.Order.LENGTH_GROUPED,
                                Optional.empty()));
        assertThat(settings("loss-guard: {skip: {spike: 4}}").refinements().guard())
                .contains(new LossGuard(4, 100, 3));
        assertThatThrownBy(() -> settings("keep-best: true"))
                .hasMessageContaining("'keep-best' needs held-out data");
        assertThatThrownBy(() -> settings("early-stopping: 2, evaluation: q"))
                .hasMessageContaining("needs measurements during training");
        assertThatThrownBy(() -> settings("optimizer: schedule-free-adamw, ema-decay: 0.9"))
                .hasMessageContaining("leave out 'ema-decay'");
    }

    private TrainSettings settings(String keys) throws IOException {
        Recipe recipe =
                read(
                        """
                        base: ./models/base
                        data: {q: {path: qa.jsonl, kind: chat}}
                        stages: [{sft: {from: base, data: q, %s}}]
                        """
                                .formatted(keys));
        return ((Stage.Sft) recipe.stages().getFirst()).lesson().settings();
    }

    @Test
    void read_lora_fillsItsDefaults() throws IOException {
        Recipe recipe = read(Recipes.CONTRACT);

        Lesson sft = ((Stage.Sft) recipe.stage("instruct").orElseThrow()).lesson();
        assertThat(sft.tuning())
                .isInstanceOfSatisfying(
                        Tuning.Lora.class,
                        lora -> {
                            assertThat(lora.config().rank()).isEqualTo(16);
                            assertThat(lora.config().alpha()).isEqualTo(32);
                            assertThat(lora.config().targets())
                                    .isEqualTo(new LoraTargets.AllLinear());
                        });
        assertThat(sft.settings().learningRate()).isEqualTo(2e-4);
    }

    @Test
    void read_qlora_takesEveryKeyOfLora() throws IOException {
        Recipe recipe =
                read(
                        Recipes.CONTRACT.replace(
                                "tune: {lora: {rank: 16}}",
                                "tune: {qlora: {rank: 16, dora: true, b-learning-rate-ratio: 4,"
                                        + " modules-to-save: [embed_tokens]}}"));

        Lesson sft = ((Stage.Sft) recipe.stage("instruct").orElseThrow()).lesson();
        assertThat(sft.tuning())
                .isInstanceOfSatisfying(
                        Tuning.Qlora.class,
                        qlora -> {
                            assertThat(qlora.doubleQuantisation()).isTrue();
                            assertThat(qlora.lora().config().alpha()).isEqualTo(32);
                            assertThat(qlora.lora().config().variant())
                                    .isEqualTo(
                                            new LoraVariant(
                                                    true,
                                                    LoraStart.ZERO,
                                                    4,
                                                    List.of("embed_tokens")));
                        });
        assertThat(sft.settings().learningRate()).isEqualTo(2e-4);
    }

    @Test
    void read_fullTuning_lowersTheLearningRate() throws IOException {
        Recipe recipe =
                read(
                        """
                        base: ./models/base
                        data: {q: {path: qa.jsonl}}
                        stages: [{sft: {from: base, data: q, tune: full}}]
                        """);

        Lesson sft = ((Stage.Sft) recipe.stage("sft").orElseThrow()).lesson();
        assertThat(sft.settings().learningRate()).isEqualTo(2e-5);
    }

    @Test
    void read_mergeStage_speaksMergekit() throws IOException {
        Stage.Merge merge = (Stage.Merge) read(Recipes.CONTRACT).stage("domain2").orElseThrow();

        assertThat(merge.references())
                .containsOnlyKeys("base", "domain", "./models/instruct")
                .containsEntry("domain", new ModelReference.Produced("domain"));
        assertThat(merge.chain().last().config().source().plain())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("merge_method", "ties")
                .containsEntry("base_model", "base");
    }

    @Test
    void read_initStage_givesArchitectureAndTokenizer() throws IOException {
        Recipe recipe =
                read(
                        """
                        data: {corpus: {path: "*.txt", kind: text}}
                        stages:
                          - init: {id: fresh, architecture: {hidden-size: 192, heads: 6}, tokenizer: {data: corpus, vocabulary: 4096}}
                          - cpt: {from: fresh, data: corpus}
                        """);

        Stage.Init init = (Stage.Init) recipe.stages().getFirst();
        assertThat(init.architecture().keyValueHeads()).isEqualTo(6);
        assertThat(init.architecture().intermediateSize()).isEqualTo(512);
        assertThat(init.tokenizer().orElseThrow().vocabulary()).isEqualTo(4096);
        assertThat(recipe.stages().getLast().models())
                .containsExactly(new ModelReference.Produced("fresh"));
    }

    @Test
    void read_override_replacesAStageSetting() throws IOException {
        Path file = write(Recipes.CONTRACT);

        Recipe recipe =
                Recipe.read(file, List.of("stages.domain.epochs=0.5", "seed=7", "name=other"));

        Lesson cpt = ((Stage.Cpt) recipe.stages().getFirst()).lesson();
        assertThat(cpt.settings().epochs()).isEqualTo(0.5);
        assertThat(cpt.seed()).isEqualTo(7);
        assertThat(recipe.name()).isEqualTo("other");
    }

    @Test
    void read_overrideOfAnAbsentKey_addsIt() throws IOException {
        Recipe recipe =
                Recipe.read(
                        write(Recipes.CONTRACT), List.of("stages.aligned.tune.lora.dropout=0.1"));

        Lesson dpo = ((Stage.Dpo) recipe.stage("aligned").orElseThrow()).lesson();
        assertThat(((Tuning.Lora) dpo.tuning()).config().dropout()).isEqualTo(0.1);
    }

    @Test
    void resolvedYaml_readAgain_isTheSameRecipe() throws IOException {
        Recipe recipe = read(Recipes.CONTRACT);

        Path again = Files.writeString(directory.resolve("resolved.yaml"), recipe.resolvedYaml());

        assertThat(Recipe.read(again).resolvedYaml()).isEqualTo(recipe.resolvedYaml());
        assertThat(recipe.resolvedYaml())
                .contains("max-grad-norm: 1", "warmup-ratio: 0.03", "learning-rate: 2e-4");
    }

    @Test
    void read_withoutName_takesTheFilesOrItsFolders() throws IOException {
        String text =
                """
                base: ./b
                stages: [{export: {from: base}}]
                """;
        Path folder = Files.createDirectories(directory.resolve("quick start"));
        Path file = Files.writeString(folder.resolve("recipe.yaml"), text);
        Path other = Files.writeString(folder.resolve("mine.yml"), text);

        assertThat(Recipe.read(file).name()).isEqualTo("quick-start");
        assertThat(Recipe.read(other).name()).isEqualTo("mine");
    }

    private Recipe read(String text) throws IOException {
        return Recipe.read(write(text));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("recipe.yaml"), text);
    }
}
