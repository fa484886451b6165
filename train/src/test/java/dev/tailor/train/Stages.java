package dev.tailor.train;

import dev.tailor.core.Seed;
import dev.tailor.data.DataSet;
import dev.tailor.data.DataSource;
import dev.tailor.torch.Activations;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraStart;
import dev.tailor.torch.LoraVariant;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;
import dev.tailor.train.internal.Golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Small stages on the golden model.
record Stages(Path directory) {
    Stages {
        // threads of a model this small only wait for each other
        Torch.threads(1);
    }

    static final Tuning LORA =
            Tuning.Lora.fresh(
                    new LoraConfig(
                            4,
                            8,
                            0.1,
                            false,
                            new dev.tailor.torch.LoraTargets.AllLinear(),
                            java.util.Map.of(),
                            java.util.Map.of()));

    static final Tuning.Qlora QLORA = new Tuning.Qlora((Tuning.Lora) LORA, true);

    /// Everything that an adapter can do at once.
    static final Tuning REFINED =
            Tuning.Lora.fresh(
                    ((Tuning.Lora) LORA)
                            .config()
                            .with(
                                    new LoraVariant(
                                            true,
                                            LoraStart.PRINCIPAL,
                                            4,
                                            List.of("embed_tokens", "lm_head"))));

    static TrainSettings settings(int batchSize, int accumulation, double learningRate) {
        return settings(batchSize, accumulation, learningRate, Precision.FLOAT32);
    }

    static TrainSettings settings(
            int batchSize, int accumulation, double learningRate, Precision precision) {
        return new TrainSettings(
                64,
                1,
                OptionalLong.empty(),
                batchSize,
                accumulation,
                learningRate,
                new Schedule.Cosine(0),
                0.1,
                AdamWSettings.defaults(0.01),
                1,
                precision,
                Activations.KEEP,
                0,
                3,
                0,
                Refinements.none());
    }

    /// The same with sequences of at most so many tokens.
    static TrainSettings withLength(TrainSettings s, int sequenceLength) {
        return new TrainSettings(
                sequenceLength,
                s.epochs(),
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
                s.evaluationEvery(),
                s.checkpointEvery(),
                s.checkpointMinutes(),
                s.refinements());
    }

    /// The same with another optimiser.
    static TrainSettings with(TrainSettings s, OptimizerSettings optimizer) {
        return new TrainSettings(
                s.sequenceLength(),
                s.epochs(),
                s.maxSteps(),
                s.batchSize(),
                s.gradientAccumulation(),
                s.learningRate(),
                s.schedule(),
                s.warmup(),
                optimizer,
                s.maxGradNorm(),
                s.precision(),
                s.activations(),
                s.evaluationEvery(),
                s.checkpointEvery(),
                s.checkpointMinutes(),
                s.refinements());
    }

    /// The same with refinements.
    static TrainSettings with(TrainSettings s, Refinements refinements) {
        return new TrainSettings(
                s.sequenceLength(),
                s.epochs(),
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
                s.evaluationEvery(),
                s.checkpointEvery(),
                s.checkpointMinutes(),
                refinements);
    }

    /// The same request, measured on held-out documents every so many steps.
    TrainRequest measured(TrainRequest r, int every) {
        TrainSettings s = r.settings();
        return new TrainRequest(
                r.stage(),
                r.base(),
                r.output(),
                r.work(),
                r.objective(),
                r.tuning(),
                new TrainSettings(
                        s.sequenceLength(),
                        s.epochs(),
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
                        every,
                        s.checkpointEvery(),
                        s.checkpointMinutes(),
                        s.refinements()),
                r.data(),
                Optional.of(DataSet.open(DataSource.of(heldOut()))),
                r.seed());
    }

    Path heldOut() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            lines.append("{\"text\": \"%s\"}\n".formatted(words(new Seed(1000 + i), 6)));
        }
        return write("held-out.jsonl", lines.toString());
    }

    TrainRequest cpt(String name, Tuning tuning, TrainSettings settings) {
        return request(name, new Objective.CausalLm(true), tuning, settings, documents());
    }

    TrainRequest dpo(String name, Tuning tuning, TrainSettings settings) {
        return request(name, Objective.Preference.dpo(), tuning, settings, preferences());
    }

    TrainRequest kto(String name, Tuning tuning, TrainSettings settings, Path data) {
        return request(name, Objective.Unpaired.kto(), tuning, settings, data);
    }

    TrainRequest request(
            String name, Objective objective, Tuning tuning, TrainSettings settings, Path data) {
        return new TrainRequest(
                name,
                Golden.LLAMA,
                directory.resolve(name).resolve("model"),
                directory.resolve(name).resolve("work"),
                objective,
                tuning,
                settings,
                DataSet.open(DataSource.of(data)),
                Optional.empty(),
                new Seed(42));
    }

    private static final String[] WORDS = {
        "hello",
        "world",
        "again",
        "two",
        "spaces",
        "tabs",
        "newlines",
        "terse",
        "user",
        "name",
        "small",
        "grid",
        "line",
        "power",
        "meter",
        "storm",
        "crew",
        "valve"
    };

    static String words(Seed seed, int count) {
        var random = seed.generator();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
        return text.toString();
    }

    Path documents() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            lines.append("{\"text\": \"%s\"}\n".formatted(words(new Seed(i), 3 + i % 17)));
        }
        return write("documents.jsonl", lines.toString());
    }

    Path conversations() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            lines.append(
                    """
                    {"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"}]}
                    """
                            .formatted(words(new Seed(i), 4), words(new Seed(100 + i), 3)));
        }
        return write("conversations.jsonl", lines.toString());
    }

    Path preferences() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            lines.append(
                    "{\"prompt\": \"%s\", \"chosen\": \"%s\", \"rejected\": \"%s\"}\n"
                            .formatted(
                                    words(new Seed(i), 3),
                                    words(new Seed(100 + i), 2 + i % 3),
                                    words(new Seed(200 + i), 3)));
        }
        return write("preferences.jsonl", lines.toString());
    }

    Path answers() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            lines.append(
                    "{\"prompt\": \"%s\", \"completion\": \"%s\", \"label\": %s}\n"
                            .formatted(
                                    words(new Seed(i), 3),
                                    words(new Seed(100 + i), 2 + i % 3),
                                    i % 3 != 0));
        }
        return write("answers.jsonl", lines.toString());
    }

    Path write(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
