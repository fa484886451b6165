package dev.tailor.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.train.Device;
import dev.tailor.train.Memory;
import dev.tailor.workflow.Plan.StagePlan;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.RunDirectory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

class PlanTest {
    @TempDir Path directory;
    private final FinishedRun finished = FinishedRun.get();

    @Test
    void plan_afterARun_reusesEverything() {
        Plan plan = plan(finished.directory());

        assertThat(plan.stages()).allMatch(StagePlan::reused);
        assertThat(plan.seconds()).isEqualTo(OptionalDouble.of(0));
    }

    @Test
    void plan_changedSetting_saysWhatRunsAndWhy() {
        Plan plan = plan(finished.directory(), "stages.instruct.epochs=1");

        assertThat(plan.stages())
                .extracting(StagePlan::reused)
                .containsExactly(true, true, false, false, false, false, false, false, false);
        assertThat(plan.stages().get(2).reasons()).containsExactly("'epochs' changed from 2 to 1");
        assertThat(plan.stages().get(3).reasons())
                .containsExactly("the result of 'instruct' may change");
    }

    @Test
    void plan_trainingStage_countsRowsTokensAndMemory() {
        Plan plan = plan(finished.directory(), "stages.domain.epochs=1");

        Plan.Training training = plan.stages().get(1).training().orElseThrow();
        assertThat(training.samples()).isPositive();
        assertThat(training.tokens()).isGreaterThan(training.rows());
        assertThat(training.trainableParameters()).isEqualTo(training.parameters());
        assertThat(training.peakMemoryBytes()).isPositive();
        assertThat(plan.peakMemoryBytes().orElseThrow())
                .isGreaterThanOrEqualTo(training.peakMemoryBytes());
        assertThat(plan.diskBytes()).isPositive();
    }

    @Test
    void plan_modelNotYetMade_saysSo() {
        Plan plan = plan(new RunDirectory(directory.resolve("none")));

        assertThat(plan.stages().get(1).training()).isEmpty();
        assertThat(plan.stages().get(1).notes())
                .containsExactly("what it takes is known once its model has been made");
        assertThat(plan.peakMemoryBytes()).isEmpty();
        assertThat(plan.data()).extracting(use -> use.name()).contains("corpus", "questions");
    }

    @Test
    void plan_stateOfAnotherRun_isNotTouched() throws IOException {
        RunDirectory run = finished.copyTo(directory.resolve("copy"));
        AtomicWrite.deleteTree(run.stage("instruct"));

        Plan plan = plan(run);

        assertThat(plan.stages().get(2).reasons()).containsExactly("its result is gone");
        assertThat(run.stage("instruct")).doesNotExist();
        assertThat(run.work()).doesNotExist();
    }

    @Test
    void requireFit_moreMemoryThanThereIs_isRefused() {
        Plan plan = plan(finished.directory(), "stages.domain.epochs=1");
        StagePlan domain = plan.stages().get(1);
        Plan.Training real = domain.training().orElseThrow();
        Plan.Training huge =
                new Plan.Training(
                        real.parameters(),
                        real.trainableParameters(),
                        real.samples(),
                        real.rows(),
                        real.steps(),
                        real.tokens(),
                        real.trainedTokens(),
                        real.truncated(),
                        real.dropped(),
                        real.chains(),
                        Long.MAX_VALUE / 2,
                        new Memory(Long.MAX_VALUE / 2, 0, 0, 0, 0, 0, 0, 0, 0),
                        real.proposals());
        Plan greedy =
                new Plan(
                        plan.name(),
                        List.of(
                                new StagePlan(
                                        domain.id(),
                                        domain.kind(),
                                        domain.description(),
                                        false,
                                        List.of(),
                                        Optional.of(huge),
                                        0,
                                        OptionalDouble.empty(),
                                        List.of())),
                        List.of(),
                        OptionalLong.of(huge.peakMemoryBytes()),
                        Optional.empty(),
                        plan.memoryBytes(),
                        0,
                        plan.freeDiskBytes(),
                        OptionalDouble.empty());

        TailorException error =
                catchThrowableOfType(
                        TailorException.class, () -> greedy.requireFit(finished.directory()));

        assertThat(error.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY);
        assertThat(error.render())
                .contains("the stage 'domain' needs about")
                .contains("no way of tuning it fits");
    }

    @Test
    void plan_forACard_saysWhatFitsThere() {
        Recipe recipe = Recipe.read(finished.project().recipe(), List.of("stages.domain.epochs=1"));
        Plan plan =
                Plan.of(
                        recipe,
                        finished.directory(),
                        Optional.of(Device.named("a10")),
                        true,
                        Event.Listener.none(),
                        Cancellation.never());

        Plan.Training training = plan.stages().get(1).training().orElseThrow();
        assertThat(plan.memoryBytes()).isEqualTo(22L << 30);
        assertThat(plan.stages().get(1).seconds().orElseThrow()).isPositive();
        assertThat(training.proposals().getFirst().text()).isEqualTo("as written");
        assertThat(training.proposals().getLast().text())
                .isEqualTo("tune: {qlora: {rank: 16}}, precision: bfloat16");
        assertThat(training.proposals()).allMatch(proposal -> proposal.seconds().orElseThrow() > 0);
        plan.requireFit(finished.directory());
    }

    private Plan plan(RunDirectory run, String... overrides) {
        Recipe recipe = Recipe.read(finished.project().recipe(), List.of(overrides));
        return Plan.of(
                recipe, run, Optional.empty(), false, Event.Listener.none(), Cancellation.never());
    }
}
