package dev.tailor.workflow.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.train.Objective;
import dev.tailor.train.Objective.Preference;
import dev.tailor.train.Objective.Unpaired;
import dev.tailor.train.preference.AnswerLoss;
import dev.tailor.train.preference.Divergence;
import dev.tailor.train.preference.MarginLoss;
import dev.tailor.train.preference.PolicyLoss;
import dev.tailor.train.preference.PreferenceLoss;
import dev.tailor.train.preference.PreferenceLoss.Mixture;
import dev.tailor.train.preference.RankLoss;
import dev.tailor.train.preference.RewardLoss;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class PreferenceRecipeTest {
    @TempDir Path directory;

    private Recipe recipe(String stage, String settings) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("recipe.yaml"),
                        """
                        tailor: 1
                        base: ./models/base
                        data:
                          choices: {path: choices.jsonl}
                        stages:
                          - %s: {id: it, from: base, data: choices%s}
                        """
                                .formatted(stage, settings));
        return Recipe.read(file);
    }

    private Objective objective(String stage, String settings) throws IOException {
        return ((Stage.Training) recipe(stage, settings).stages().getFirst()).lesson().objective();
    }

    static Stream<Arguments> losses() {
        return Stream.of(
                Arguments.of("", Preference.dpo()),
                Arguments.of(", loss: hinge", new Preference(new MarginLoss.Hinge(), 0.1)),
                Arguments.of(", loss: ipo, beta: 0.2", new Preference(new MarginLoss.Ipo(), 0.2)),
                Arguments.of(
                        ", label-smoothing: 0.2", new Preference(new MarginLoss.Sigmoid(0.2), 0.1)),
                Arguments.of(
                        ", loss: exo-pair", new Preference(new MarginLoss.ExoPair(0.001), 0.1)),
                Arguments.of(
                        ", loss: discopop, tau: 0.1",
                        new Preference(new MarginLoss.DiscoPop(0.1), 0.1)),
                Arguments.of(", loss: apo-down", new Preference(new RewardLoss.ApoDown(), 0.1)),
                Arguments.of(", loss: aot", new Preference(new RankLoss.Aot(0), 0.1)),
                Arguments.of(", loss: orpo", new Preference(new PolicyLoss.Orpo(), 0.1)),
                Arguments.of(", loss: cpo", new Preference(new PolicyLoss.Cpo(0, 1), 0.1)),
                Arguments.of(", loss: simpo", new Preference(new PolicyLoss.SimPo(1, 0, 0), 2)),
                Arguments.of(
                        ", loss: simpo, gamma: 0.5, nll-weight: 0.3, beta: 10",
                        new Preference(new PolicyLoss.SimPo(0.5, 0, 0.3), 10)),
                Arguments.of(
                        ", divergence: {alpha: {coefficient: 0.3}}",
                        new Preference(
                                new MarginLoss.Sigmoid(0),
                                0.1,
                                new Divergence.Alpha(0.3),
                                false,
                                1)),
                Arguments.of(
                        ", reference-free: true, ld-alpha: 0.4",
                        new Preference(
                                new MarginLoss.Sigmoid(0),
                                0.1,
                                new Divergence.ReverseKl(),
                                true,
                                0.4)),
                Arguments.of(
                        ", loss: {sigmoid: 1.0, sft: 0.5}",
                        new Preference(
                                new Mixture(
                                        List.of(
                                                new Mixture.Part(new MarginLoss.Sigmoid(0), 1),
                                                new Mixture.Part(new PolicyLoss.Sft(), 0.5))),
                                0.1)));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void read_dpoStage_givesItsObjective(String settings, Preference expected) throws IOException {
        assertThat(objective("dpo", settings)).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("losses")
    void resolvedYaml_readAgain_isTheSame(String settings, Preference expected) throws IOException {
        String resolved = recipe("dpo", settings).resolvedYaml();

        Path again = Files.writeString(directory.resolve("again.yaml"), resolved);

        assertThat(Recipe.read(again).resolvedYaml()).isEqualTo(resolved);
    }

    @Test
    void everyLoss_hasItsWordAndReads() throws IOException {
        for (String word : LossWord.words()) {
            PreferenceLoss loss = ((Preference) objective("dpo", ", loss: " + word)).loss();

            assertThat(loss.getClass().getSimpleName())
                    .isEqualToIgnoringCase(word.replace("-", ""));
        }
    }

    @Test
    void read_ktoStage_givesItsObjective() throws IOException {
        assertThat(objective("kto", "")).isEqualTo(Unpaired.kto());
        assertThat(
                        objective(
                                "kto",
                                ", loss: apo-zero, beta: 0.3, desirable-weight: 2,"
                                        + " undesirable-weight: 1.5"))
                .isEqualTo(new Unpaired(new AnswerLoss.ApoZero(), 0.3, 2, 1.5));
    }
}
