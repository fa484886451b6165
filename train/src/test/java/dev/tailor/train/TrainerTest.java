package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataSet;
import dev.tailor.data.DataSource;
import dev.tailor.text.TrainOn;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.Precision;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.preference.PolicyLoss;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

class TrainerTest {
    private static final TrainSettings SETTINGS = Stages.settings(4, 1, 2e-3);

    private static final Objective SFT = new Objective.Supervised(true, TrainOn.ASSISTANT);

    @TempDir private Path temporary;

    private final List<Event> events = new ArrayList<>();
    private Stages stages;

    @BeforeEach
    void stages() {
        stages = new Stages(temporary);
    }

    private TrainResult train(TrainRequest request) {
        return Trainer.train(request, events::add, Cancellation.never());
    }

    private List<Double> losses() {
        return events.stream()
                .filter(event -> event instanceof Event.Step)
                .map(event -> ((Event.Step) event).metrics().get("loss"))
                .toList();
    }

    private List<String> warnings() {
        return events.stream()
                .filter(event -> event instanceof Event.Note note && note.warning())
                .map(event -> ((Event.Note) event).message())
                .toList();
    }

    private static TrainRequest withBase(TrainRequest r, Path base) {
        return new TrainRequest(
                r.stage(),
                base,
                r.output(),
                r.work(),
                r.objective(),
                r.tuning(),
                r.settings(),
                r.data(),
                r.evaluation(),
                r.seed());
    }

    private static TrainRequest withEvaluation(TrainRequest r, Path data) {
        return new TrainRequest(
                r.stage(),
                r.base(),
                r.output(),
                r.work(),
                r.objective(),
                r.tuning(),
                r.settings(),
                r.data(),
                Optional.of(DataSet.open(DataSource.of(data))),
                r.seed());
    }

    private static TailorException failure(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable c) {
        return (TailorException) org.assertj.core.api.Assertions.catchThrowable(c);
    }

    @Test
    void supervisedStage_learnsAndLeavesACompleteModel() throws IOException {
        TrainRequest request =
                stages.request(
                        "sft", SFT, Tuning.Full.all(), epochs(SETTINGS, 4), stages.conversations());

        TrainResult result = train(request);

        assertThat(result.steps()).isEqualTo(losses().size());
        assertThat(losses().getLast()).isLessThan(losses().getFirst() - 0.5);
        try (var files = Files.list(request.output())) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .contains(
                            "config.json",
                            "model.safetensors",
                            "tokenizer.json",
                            "tokenizer_config.json",
                            "chat_template.jinja",
                            "generation_config.json");
        }
        CausalModel.load(request.output(), Precision.FLOAT32).close();
    }

    @Test
    void steps_reportWhatAReaderNeeds() {
        train(stages.cpt("cpt", Tuning.Full.all(), SETTINGS));

        Event.Step last = (Event.Step) events.getLast();
        assertThat(last.metrics())
                .containsKeys(
                        "loss",
                        "learning_rate",
                        "grad_norm",
                        "tokens_per_second",
                        "tokens",
                        "memory_bytes",
                        "epoch");
        assertThat(last.step()).isEqualTo(last.total());
        assertThat(last.metrics()).containsEntry("epoch", 1.0);
    }

    @Test
    void accumulation_givesTheLossesOfOneLargePass() {
        train(stages.cpt("one", Tuning.Full.all(), Stages.settings(8, 1, 1e-3)));
        List<Double> one = losses();
        events.clear();
        train(stages.cpt("four", Tuning.Full.all(), Stages.settings(2, 4, 1e-3)));

        assertThat(losses()).hasSameSizeAs(one);
        for (int i = 0; i < one.size(); i++) {
            assertThat(losses().get(i)).isCloseTo(one.get(i), within(1e-6));
        }
    }

    @Test
    void adapterStage_leavesAdapterAndFusedModelThatAgree() {
        TrainRequest request =
                stages.request("lora", SFT, Stages.LORA, SETTINGS, stages.conversations());

        TrainResult result = train(request);

        PackedBatch probe = PackedBatch.nextToken(List.of(new int[] {3, 87, 346, 88, 73, 81, 203}));
        try (CausalModel fused = CausalModel.load(request.output(), Precision.FLOAT32);
                CausalModel adapted = CausalModel.load(Golden.LLAMA, Precision.FLOAT32)) {
            float[] base = adapted.logProbs(probe);
            adapted.loadAdapter(request.output().resolve("adapter"), false);
            assertThat(fused.logProbs(probe))
                    .containsExactly(adapted.logProbs(probe), within(1e-5f));
            assertThat(fused.logProbs(probe)[2]).isNotEqualTo(base[2]);
        }
        // 4 per layer: rank 4 times (in + out) of q, k, v, o, gate, up, down
        assertThat(result.trainableParameters())
                .isEqualTo(2L * 4 * (128 + 96 + 96 + 128 + 192 + 192 + 192));
    }

    @Test
    void quantisedStage_leavesAdapterAndFusedOriginalThatAgree() {
        TrainRequest request =
                stages.request("qlora", SFT, Stages.QLORA, SETTINGS, stages.conversations());

        train(request);

        assertAgree(request);
        assertThat(losses().getLast()).isLessThan(losses().getFirst());
    }

    @Test
    void refinedAdapterStage_leavesAdapterAndFusedModelThatAgree() {
        TrainRequest request =
                stages.request("refined", SFT, Stages.REFINED, SETTINGS, stages.conversations());

        train(request);

        assertAgree(request);
        assertThat(changed(request.output())).contains("model.embed_tokens.weight");
    }

    /// The fused model answers as the base with the adapter.
    private static void assertAgree(TrainRequest request) {
        PackedBatch probe = PackedBatch.nextToken(List.of(new int[] {3, 87, 346, 88, 73, 81, 203}));
        try (CausalModel fused = CausalModel.load(request.output(), Precision.FLOAT32);
                CausalModel adapted = CausalModel.load(Golden.LLAMA, Precision.FLOAT32)) {
            float[] base = adapted.logProbs(probe);
            adapted.loadAdapter(request.output().resolve("adapter"), false);
            assertThat(fused.logProbs(probe))
                    .containsExactly(adapted.logProbs(probe), within(1e-4f));
            assertThat(fused.logProbs(probe)[2]).isNotEqualTo(base[2]);
        }
    }

    @Test
    void adapterStage_continuesFromAnAdapter() {
        TrainRequest first =
                stages.request("first", SFT, Stages.LORA, SETTINGS, stages.conversations());
        train(first);
        double end = losses().getLast();
        events.clear();
        Tuning.Lora lora = (Tuning.Lora) Stages.LORA;
        Tuning more =
                new Tuning.Lora(lora.config(), Optional.of(first.output().resolve("adapter")));

        train(stages.request("second", SFT, more, SETTINGS, stages.conversations()));

        assertThat(losses().getFirst()).isCloseTo(end, within(0.3));
    }

    @Test
    void spectrumStage_changesOnlyWhatItSelects() {
        TrainRequest request =
                stages.cpt(
                        "spectrum", new Tuning.Spectrum(50, Optional.empty(), List.of()), SETTINGS);

        train(request);

        assertThat(changed(request.output()))
                .containsExactly(
                        "lm_head.weight",
                        "model.embed_tokens.weight",
                        "model.layers.0.mlp.down_proj.weight",
                        "model.layers.0.mlp.up_proj.weight",
                        "model.layers.0.self_attn.k_proj.weight",
                        "model.layers.0.self_attn.o_proj.weight",
                        "model.layers.0.self_attn.q_proj.weight",
                        "model.layers.1.mlp.gate_proj.weight",
                        "model.layers.1.self_attn.v_proj.weight");
    }

    @Test
    void frozenWeights_stay() {
        TrainRequest request =
                stages.cpt(
                        "frozen",
                        new Tuning.Full(List.of("embed_tokens", "layers\\.0\\.")),
                        SETTINGS);

        train(request);

        assertThat(changed(request.output()))
                .hasSize(11)
                .allMatch(name -> !name.contains("embed_tokens") && !name.contains("layers.0."));
    }

    @Test
    void everythingFrozen_isRefused() {
        TailorException e =
                failure(() -> train(stages.cpt("none", new Tuning.Full(List.of(".")), SETTINGS)));

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    }

    private static TreeSet<String> changed(Path model) {
        TreeSet<String> changed = new TreeSet<>();
        try (CausalModel before = CausalModel.load(Golden.LLAMA, Precision.FLOAT32);
                CausalModel after = CausalModel.load(model, Precision.FLOAT32)) {
            after.parameters()
                    .forEach(parameter -> {
                        if (!java.util.Arrays.equals(
                                before.values(parameter.name()), after.values(parameter.name()))) {
                            changed.add(parameter.name());
                        }
                    });
        }
        return changed;
    }

    @Test
    void baseWithoutWeights_isRefused() throws IOException {
        Path empty = Files.createDirectory(temporary.resolve("empty"));
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(Golden.LLAMA.resolve(name), empty.resolve(name));
        }
        TrainRequest request = withBase(stages.cpt("scratch", Tuning.Full.all(), SETTINGS), empty);

        TailorException e = failure(() -> train(request));

        assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(e.getMessage()).contains("no model.safetensors");
        assertThat(request.output()).doesNotExist();
    }

    @Test
    void divergingStage_stopsAndKeepsTheLastGoodCheckpoint() throws IOException {
        TrainRequest good =
                stages.cpt("diverging", Tuning.Full.all(), epochs(Stages.settings(1, 1, 1e38), 3));

        TailorException e = failure(() -> train(good));

        assertThat(e.code()).isEqualTo(ErrorCode.TRAINING_DIVERGED);
        assertThat(e.getMessage()).matches("training diverged at step \\d+: .*");
        assertThat(e.remedy().orElseThrow()).contains("lower the learning rate");
        assertThat(good.output()).doesNotExist();
    }

    @Test
    void heldOutData_isMeasuredBeforeDuringAndAfter() {
        TrainSettings settings = every(epochs(Stages.settings(1, 1, 2e-3), 2), 4);
        TrainResult result =
                train(
                        withEvaluation(
                                stages.cpt("cpt", Tuning.Full.all(), settings),
                                stages.documents()));

        List<Long> steps =
                events.stream()
                        .filter(event ->
                                event instanceof Event.Metric metric
                                        && metric.name().equals("eval_loss"))
                        .map(event -> ((Event.Metric) event).step())
                        .toList();
        assertThat(steps).startsWith(0L, 4L, 8L).endsWith(result.steps());
        assertThat(result.evaluation().get("after/eval_loss"))
                .isLessThan(result.evaluation().get("before/eval_loss"));
        assertThat(result.evaluation().get("after/eval_perplexity"))
                .isCloseTo(Math.exp(result.evaluation().get("after/eval_loss")), within(1e-9));
    }

    @Test
    void bestStep_isTheResultAndEndsARunThatGetsNoBetter() {
        TrainSettings settings =
                Stages.with(
                        epochs(Stages.settings(2, 1, 3e-2), 20),
                        new Refinements(
                                0, 0, true, 5, Refinements.Order.SHUFFLED, Optional.empty()));
        TrainRequest request = stages.measured(stages.cpt("cpt", Tuning.Full.all(), settings), 1);

        TrainResult result = train(request);

        List<Double> measured =
                events.stream()
                        .filter(event ->
                                event instanceof Event.Metric metric
                                        && metric.name().equals("eval_loss")
                                        && metric.step() > 0)
                        .map(event -> ((Event.Metric) event).value())
                        .toList();
        double best = measured.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        assertThat(result.evaluation()).containsEntry("after/eval_loss", best);
        int step = measured.indexOf(best) + 1;
        assertThat(result.evaluation()).containsEntry("best/step", (double) step);
        assertThat(result.steps()).isEqualTo(step + 5L);
        assertThat(events)
                .anyMatch(event ->
                        event instanceof Event.Note note
                                && note.message()
                                        .startsWith("the result is step %d".formatted(step)));
        TrainSettings still = Stages.settings(2, 1, 0);
        events.clear();
        TrainResult again =
                train(
                        stages.measured(
                                withBase(
                                        stages.cpt("again", Tuning.Full.all(), still),
                                        request.output()),
                                0));
        assertThat(again.evaluation()).containsEntry("before/eval_loss", best);
    }

    @Test
    void heldOutDataThatIsLearnt_isNamed() {
        train(
                withEvaluation(
                        stages.cpt("leaking", Tuning.Full.all(), SETTINGS), stages.documents()));
        assertThat(warnings())
                .anySatisfy(w ->
                        assertThat(w)
                                .matches("(\\d+) of \\1 held-out sequences stand for the most.*"));
        events.clear();

        train(stages.measured(stages.cpt("clean", Tuning.Full.all(), SETTINGS), 0));
        assertThat(warnings()).noneMatch(w -> w.contains("held-out sequences"));
    }

    @Test
    void averagedWeights_areMeasuredAndKept() {
        TrainSettings settings =
                Stages.with(
                        Stages.settings(1, 1, 1e-2),
                        new Refinements(
                                0, 0.9, false, 0, Refinements.Order.SHUFFLED, Optional.empty()));
        TrainRequest averaged =
                stages.measured(stages.cpt("averaged", Tuning.Full.all(), settings), 0);
        TrainResult result = train(averaged);
        List<Double> learnt = losses();
        events.clear();

        TrainResult plain =
                train(
                        stages.measured(
                                stages.cpt("plain", Tuning.Full.all(), Stages.settings(1, 1, 1e-2)),
                                0));

        assertThat(losses()).isEqualTo(learnt);
        assertThat(result.evaluation().get("after/eval_loss"))
                .isNotEqualTo(plain.evaluation().get("after/eval_loss"));
    }

    @Test
    void preferenceStage_beginsAtTheReferenceAndMovesAway() {
        TrainResult result =
                train(
                        withEvaluation(
                                stages.dpo(
                                        "dpo",
                                        Tuning.Full.all(),
                                        epochs(Stages.settings(4, 1, 1e-3), 3)),
                                stages.preferences()));

        Event.Step first =
                (Event.Step)
                        events.stream()
                                .filter(e -> e instanceof Event.Step)
                                .findFirst()
                                .orElseThrow();
        assertThat(first.metrics().get("loss")).isCloseTo(Math.log(2), within(1e-6));
        assertThat(first.metrics().get("rewards/margins")).isCloseTo(0, within(1e-6));
        assertThat(result.evaluation().get("after/eval_rewards/accuracies")).isGreaterThan(0.9);
        assertThat(result.evaluation().get("after/eval_loss")).isLessThan(0.6);
    }

    @Test
    void oddsRatioStage_raisesTheChosenAnswersWithoutAReference() {
        TrainRequest request =
                stages.request(
                        "orpo",
                        new Objective.Preference(new PolicyLoss.Orpo(), 0.5),
                        Tuning.Full.all(),
                        epochs(Stages.settings(4, 1, 1e-3), 4),
                        stages.preferences());

        TrainResult result = train(withEvaluation(request, stages.preferences()));

        assertThat(events)
                .noneMatch(
                        e -> e instanceof Event.Note note && note.message().contains("reference"));
        assertThat(result.evaluation().get("after/eval_logps/chosen"))
                .isGreaterThan(result.evaluation().get("before/eval_logps/chosen"));
        assertThat(result.evaluation().get("after/eval_rewards/margins"))
                .isGreaterThan(result.evaluation().get("before/eval_rewards/margins"));
    }

    @Test
    void unpairedStage_beginsAtTheReferenceAndMovesAway() {
        TrainRequest request =
                stages.kto(
                        "kto",
                        Tuning.Full.all(),
                        epochs(Stages.settings(4, 2, 1e-3), 4),
                        stages.answers());

        TrainResult result = train(withEvaluation(request, stages.answers()));

        Map<String, Double> measured = result.evaluation();
        assertThat(measured.get("before/eval_loss")).isCloseTo(0.5, within(1e-6));
        assertThat(measured.get("before/eval_kl")).isCloseTo(0, within(1e-4));
        assertThat(measured.get("after/eval_loss")).isLessThan(0.45);
        assertThat(measured.get("after/eval_rewards/chosen")).isPositive();
        assertThat(measured.get("after/eval_rewards/rejected")).isNegative();
        assertThat(result.data().samples()).isEqualTo(24);
    }

    @Test
    void unpairedStage_takesPairsAsTwoAnswers() {
        TrainResult result =
                train(
                        stages.kto(
                                "kto",
                                Stages.LORA,
                                epochs(Stages.settings(4, 1, 1e-3), 1),
                                stages.preferences()));

        assertThat(result.data().samples()).isEqualTo(24);
        assertThat(result.data().rows()).isEqualTo(48);
        assertThat(result.steps()).isEqualTo(12);
    }

    @Test
    void longAndUselessSamples_areNamedWithTheirLine() {
        String many = "hello ".repeat(80).strip();
        Path data =
                stages.write(
                        "mixed.jsonl",
                        """
                        {"prompt": "hello", "completion": " world"}
                        {"prompt": "hello", "completion": " %s"}
                        {"prompt": "%s", "completion": " world"}
                        {"prompt": "hello", "completion": " world"}
                        """
                                .formatted(many, many));

        TrainResult result = train(stages.request("mixed", SFT, Tuning.Full.all(), SETTINGS, data));

        DataSummary summary = result.data();
        assertThat(summary.samples()).isEqualTo(3);
        assertThat(summary.truncated()).isEqualTo(1);
        assertThat(summary.droppedTotal()).isEqualTo(1);
        assertThat(summary.issues())
                .extracting(issue -> issue.origin().toString() + " " + issue.reason())
                .containsExactly(
                        data + ":2 longer than the sequence length",
                        data + ":3 what is to be learnt lies beyond the sequence length");
        assertThat(warnings())
                .anySatisfy(
                        w -> assertThat(w).startsWith("1 sample is left out: ").doesNotContain("{"))
                .anySatisfy(w -> assertThat(w).startsWith("1 of 3 samples are longer"))
                .anySatisfy(w -> assertThat(w).startsWith("1 of 3 samples are equal"));
    }

    @Test
    void dataOfAnotherKind_isRefusedAtItsLine() {
        TailorException e =
                failure(() ->
                        train(
                                stages.request(
                                        "sft",
                                        SFT,
                                        Tuning.Full.all(),
                                        SETTINGS,
                                        stages.documents())));

        assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID);
        assertThat(e.where().orElseThrow()).contains("documents.jsonl");
    }

    @Test
    void tokenizerBeyondTheEmbedding_isRefused() throws IOException {
        Path base = Files.createDirectory(temporary.resolve("base"));
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(Golden.LLAMA.resolve(name), base.resolve(name));
        }
        Files.writeString(
                base.resolve("config.json"),
                Files.readString(Golden.LLAMA.resolve("config.json"))
                        .replace("\"vocab_size\": 512", "\"vocab_size\": 500"));

        TailorException e =
                failure(() ->
                        train(withBase(stages.cpt("cpt", Tuning.Full.all(), SETTINGS), base)));

        assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID);
    }

    @Test
    void secondRun_findsItsTokens() throws IOException {
        TrainRequest request = stages.cpt("cpt", Tuning.Full.all(), SETTINGS);
        train(request);
        Path tokens;
        try (var files = Files.list(request.work().resolve("cache"))) {
            tokens = files.findFirst().orElseThrow();
        }
        var written = Files.getLastModifiedTime(tokens);

        train(request);

        assertThat(Files.getLastModifiedTime(tokens)).isEqualTo(written);
    }

    @Test
    void missingBase_isNamed() {
        TailorException e =
                failure(() ->
                        train(
                                withBase(
                                        stages.cpt("cpt", Tuning.Full.all(), SETTINGS),
                                        temporary.resolve("nowhere"))));

        assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThatThrownBy(
                        () -> {
                            throw e;
                        })
                .hasMessageContaining("no such model directory");
    }

    private static TrainSettings epochs(TrainSettings s, double epochs) {
        return copy(s, epochs, s.evaluationEvery());
    }

    private static TrainSettings every(TrainSettings s, int evaluationEvery) {
        return copy(s, s.epochs(), evaluationEvery);
    }

    private static TrainSettings copy(TrainSettings s, double epochs, int evaluationEvery) {
        return new TrainSettings(
                s.sequenceLength(),
                epochs,
                s.maxSteps(),
                s.batchSize(),
                s.gradientAccumulation(),
                s.learningRate(),
                s.schedule(),
                s.warmup(),
                s.optimizer(),
                s.maxGradNorm(),
                s.precision(),
                s.activations(),
                evaluationEvery,
                s.checkpointEvery(),
                s.checkpointMinutes(),
                s.refinements());
    }
}
