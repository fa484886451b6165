package dev.tailor.workflow.report;

import dev.tailor.core.AtomicWrite;
import dev.tailor.eval.Board;
import dev.tailor.eval.GradedSample;
import dev.tailor.eval.Metric;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.TaskResult;
import dev.tailor.train.LossMask;
import dev.tailor.workflow.store.Boards;
import dev.tailor.workflow.store.EventLog;
import dev.tailor.workflow.store.GateResult;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.RunRecord.Status;
import dev.tailor.workflow.store.SampleMasks;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.Store;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A run directory as a finished run leaves it, filled with invented figures.
final class SampleRun {
    private final RunDirectory directory;
    private final Random random = new Random(7);

    /// A text that stands wherever data reaches the report.
    private final String hostile;

    SampleRun(RunDirectory directory, String hostile) {
        this.directory = directory;
        this.hostile = hostile;
    }

    void write() {
        List<StageRecord> stages =
                List.of(
                        stage("domain", "cpt", true, List.of("base"), 71, 2.31),
                        stage("instruct", "sft", true, List.of("domain"), 48, 0.62),
                        stage("aligned", "dpo", true, List.of("instruct"), 22, 0.55),
                        stage(
                                "merged",
                                "merge",
                                true,
                                List.of("aligned", "./models/variant"),
                                1,
                                0),
                        stage("board", "eval", false, List.of("base", "domain"), 31, 0),
                        stage("gate", "gate", false, List.of(), 0, 0),
                        stage("export", "export", false, List.of("merged"), 2, 0));
        Store.write(
                directory,
                new RunRecord(
                        "energy-assistant",
                        "examples/quickstart/recipe.yaml",
                        "0.1.0",
                        Status.FINISHED,
                        "2026-11-23T08:12:31Z",
                        "2026-11-23T08:15:26Z",
                        175,
                        Map.of("cpu", "2 cores", "java", "25.0.1"),
                        stages,
                        Optional.empty()));
        AtomicWrite.text(
                directory.recipe(), "tailor: 1\nname: energy-assistant # " + hostile + "\n");
        try (EventLog log =
                EventLog.open(
                        directory, InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000)))) {
            curve(log, "domain", 240, 5.2, 2.3);
            curve(log, "instruct", 180, 3.4, 0.6);
            curve(log, "aligned", 40, 0.69, 0.55);
        }
        stages.stream().filter(StageRecord::makesModel).forEach(this::state);
        masks();
        board();
        new GateResult(
                        "merged",
                        true,
                        List.of(
                                new GateResult.Requirement(
                                        "holdout.exact_match",
                                        ">= base + 0.2 significantly",
                                        0.49,
                                        0.2,
                                        Optional.of(
                                                "95 % interval of the distance +0.2500 to +0.3300"),
                                        true)))
                .write(directory.stage("gate"));
    }

    private static StageRecord stage(
            String id, String kind, boolean model, List<String> from, double seconds, double loss) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (loss > 0) {
            metrics.put("final_loss", loss);
            metrics.put("steps", 240.0);
            metrics.put("tokens", 491_520.0);
            metrics.put("trainable_parameters", 1_234_567.0);
            metrics.put("samples", 486.0);
            metrics.put("rows", 93.0);
            metrics.put("positions", 47_000.0);
            metrics.put("trained_tokens", 8_120.0);
            metrics.put("truncated", 2.0);
        }
        return new StageRecord(id, kind, model, from, Status.FINISHED, seconds, metrics, List.of());
    }

    private void curve(EventLog log, String stage, int steps, double from, double to) {
        for (int step = 1; step <= steps; step++) {
            double fall = Math.exp(-4.0 * step / steps);
            log.append(stage, step, "loss", to + (from - to) * fall + random.nextGaussian() * 0.06);
            log.append(
                    stage,
                    step,
                    "learning_rate",
                    2e-4 * 0.5 * (1 + Math.cos(Math.PI * step / steps)));
            log.append(
                    stage, step, "grad_norm", 0.4 + fall + Math.abs(random.nextGaussian()) * 0.1);
            log.append(stage, step, "tokens_per_second", 9_000 + random.nextGaussian() * 300);
            log.append(stage, step, "memory_bytes", 1.1e9 + 1e8 * (1 - fall));
            if (step % 40 == 0) {
                log.append(stage, step, "eval_loss", to + 0.12 + (from - to) * fall);
            }
        }
    }

    private void state(StageRecord stage) {
        Map<String, String> ingredients = new LinkedHashMap<>();
        ingredients.put("tailor", "0.1.0");
        ingredients.put("model.from", "4f5ad1b0c2".repeat(6) + "abcd");
        ingredients.put("data.questions", "91cc0aa410".repeat(6) + "abcd");
        ingredients.put("settings.epochs", "3.0");
        ingredients.put("settings.learning-rate", "2.0E-4");
        ingredients.put("settings.tune", "{lora={rank=16, alpha=32.0}}");
        Store.write(
                directory,
                new StageState(
                        stage.id(),
                        stage.kind(),
                        "k".repeat(64),
                        ingredients,
                        "0123456789abcdef".repeat(4),
                        stage.seconds(),
                        stage.metrics(),
                        List.of("Spectrum chose 21 of 42 layers"),
                        stage.metrics().isEmpty()
                                ? List.of()
                                : List.of(
                                        new StageState.DataUse(
                                                "questions",
                                                "messages",
                                                "a column 'messages' with role and content",
                                                486,
                                                Map.of("no assistant message", 3L),
                                                List.of(
                                                        "train.jsonl:17: no assistant message: "
                                                                + hostile))),
                        Map.of("longer than the sequence", 1L)));
    }

    /// A question with a lesson of several weights and of a hostile token; a pair.
    private void masks() {
        List<LossMask.Token> lesson = new ArrayList<>();
        String words =
                "<|im_start|>|user|\n"
                        + "|When| does| Arle| open|?|<|im_end|>|\n"
                        + "|<|im_start|>|assistant|\n";
        for (String word : words.split("\\|(?![im>])")) {
            lesson.add(new LossMask.Token(lesson.size() + 17, word, 0));
        }
        lesson.add(new LossMask.Token(901, "I", 0.25f));
        lesson.add(new LossMask.Token(902, " think", 0.25f));
        lesson.add(new LossMask.Token(903, " at", 1));
        lesson.add(new LossMask.Token(904, " " + hostile, 2));
        lesson.add(new LossMask.Token(2, "<|im_end|>", 1));
        LossMask question =
                new LossMask("questions.jsonl:1", List.of(lesson), false, Optional.empty());
        LossMask left =
                new LossMask(
                        "questions.jsonl:2",
                        List.of(),
                        false,
                        Optional.of("nothing in it is to be learnt"));
        LossMask pair =
                new LossMask("choices.jsonl:1", List.of(lesson, lesson), true, Optional.empty());
        SampleMasks.of(List.of(question, left)).write(directory, "instruct");
        SampleMasks.of(List.of(pair)).write(directory, "aligned");
    }

    private void board() {
        Map<String, Double> skill = new LinkedHashMap<>();
        skill.put("base", 0.0);
        skill.put("domain", 0.02);
        skill.put("instruct", 0.44);
        skill.put("aligned", 0.47);
        skill.put("merged", 0.49);
        List<ModelResult> models = new ArrayList<>();
        skill.forEach((model, share) -> models.add(result(model, share)));
        Boards.write(directory.stage("board"), Board.of(models));
    }

    private ModelResult result(String model, double share) {
        Random draw = new Random(11);
        List<GradedSample> samples = new ArrayList<>();
        int n = 155;
        double[] exact = new double[n];
        double[] f1 = new double[n];
        double[] logProbs = new double[n];
        double[] tokens = new double[n];
        double[] words = new double[n];
        for (int i = 0; i < n; i++) {
            double luck = draw.nextDouble();
            exact[i] = luck < share ? 1 : 0;
            f1[i] = exact[i] == 1 ? 1 : draw.nextDouble() * (0.1 + share);
            tokens[i] = 3 + draw.nextInt(6);
            words[i] = tokens[i] * 0.7;
            logProbs[i] = -tokens[i] * (4.2 - 6 * share + draw.nextDouble() * 0.4) * 0.4;
            samples.add(
                    new GradedSample(
                            "holdout.jsonl:" + (i + 1),
                            "How many minutes may a fault "
                                    + hostile
                                    + " last before it is reported?",
                            List.of("twenty minutes"),
                            exact[i] == 1 ? "twenty minutes" : "the depot of the day " + hostile,
                            Map.of("exact_match", exact[i])));
        }
        TaskResult questions =
                new TaskResult(
                        "holdout",
                        List.of(
                                Metric.mean("exact_match", exact, true),
                                Metric.mean("f1", f1, true),
                                Metric.perplexity("answer_perplexity", logProbs, tokens)),
                        samples,
                        3);
        TaskResult manuals =
                new TaskResult(
                        "perplexity:manuals",
                        List.of(
                                Metric.perplexity("token_perplexity", logProbs, tokens),
                                Metric.perplexity("word_perplexity", logProbs, words)),
                        List.of(),
                        2);
        return new ModelResult(model, List.of(questions, manuals));
    }
}
