package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

class TrainEstimateTest {
    @TempDir private Path temporary;

    static Stream<Tuning> everyTuning() {
        return Stream.of(
                Tuning.Full.all(),
                new Tuning.Full(List.of("embed_tokens")),
                Stages.LORA,
                Stages.QLORA,
                Stages.REFINED,
                new Tuning.Spectrum(50, Optional.empty(), List.of()));
    }

    @ParameterizedTest
    @MethodSource("everyTuning")
    void estimate_foretellsWhatTheRunReports(Tuning tuning) {
        TrainRequest request =
                new Stages(temporary).cpt("stage", tuning, Stages.settings(2, 2, 1e-3));

        TrainEstimate estimate =
                TrainEstimate.of(request, new Target.Here(1L << 34, true), Cancellation.never());
        TrainResult result = Trainer.train(request, Event.Listener.none(), Cancellation.never());

        assertThat(estimate.parameters()).isEqualTo(139584);
        assertThat(estimate.trainableParameters()).isEqualTo(result.trainableParameters());
        assertThat(estimate.steps()).isEqualTo(result.steps());
        assertThat(estimate.tokens()).isEqualTo(result.tokens());
        assertThat(estimate.data()).isEqualTo(result.data());
        assertThat(estimate.seconds().orElseThrow()).isPositive();
        assertThat(estimate.memory().peak()).isGreaterThan(350L << 20);
        assertThat(estimate.proposals()).as("it fits as it is").isEmpty();
        assertThat(request.output().getParent().resolve("work/checkpoints")).doesNotExist();
    }

    @Test
    void estimate_ofPairs_countsPairs() {
        TrainRequest request =
                new Stages(temporary).dpo("dpo", Stages.LORA, Stages.settings(4, 1, 1e-3));

        TrainEstimate estimate =
                TrainEstimate.of(request, new Target.Here(1L << 34, false), Cancellation.never());

        assertThat(estimate.data().rows()).isEqualTo(estimate.data().samples());
        assertThat(estimate.steps()).isEqualTo(6);
        assertThat(estimate.seconds()).isEmpty();
    }
}
