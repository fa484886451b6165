package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataSet;
import dev.tailor.data.DataSource;
import dev.tailor.eval.Board;
import dev.tailor.eval.BoardFormat;
import dev.tailor.eval.ComparisonReport;
import dev.tailor.eval.Gate;
import dev.tailor.eval.InstructionFollowing;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResultStore;
import dev.tailor.eval.Task;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.Tasks;
import dev.tailor.eval.report.EvaluationPage;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.model.TorchLanguageModel;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/// `tailor eval`.
@Command(
        name = "eval",
        description = {"Measure models by held-out data; several models make a board.", ""},
        synopsisSubcommandLabel = "[COMMAND]",
        footer = {
            "",
            "A task is a data file, or a name that --data gives a file. Conversations, questions"
                    + " and",
            "prompts with completions measure exact_match, f1, rouge_l and answer_perplexity;",
            "preferences measure accuracy; texts measure perplexity per token, word and byte, also",
            "written perplexity:FILE. Figures carry standard errors; with several models, the",
            "difference to the first one is shown, with * where it exceeds two standard errors.",
            "The task ifeval asks IFEval's 541 prompts (or those of --data ifeval=FILE) and"
                    + " verifies",
            "the answers; with --responses, answers made elsewhere.",
            "",
            "--require makes a gate of an evaluation: exit code 4 if it does not hold.",
            "",
            "A task is also a task file of lm-evaluation-harness (.yaml), or the name of a task, a"
                    + " group",
            "or a tag below --include-path or in Tailor's own pack: arc_easy, arc_challenge, piqa,",
            "openbook_qa, lambada_openai, gsm8k, and loraland: 31 tasks called loraland_NAME, by",
            "category loraland_classic_nlp, loraland_coding, loraland_knowledge,"
                    + " loraland_reasoning,",
            "loraland_math. Their rows come from --data NAME=FILE. With --shots 0,1,5 each task is",
            "asked with so many examples; --out then holds the curves (report.html).",
            "",
            "Examples:",
            "  tailor eval ./model --tasks holdout.jsonl,perplexity:manual.txt --out results",
            "  tailor eval ./base ./tuned --tasks holdout --data holdout=qa.jsonl",
            "  tailor eval --responses answers.jsonl --tasks ifeval --out results",
            "  tailor eval ./model --tasks loraland_gsm8k --data gsm8k=gsm8k/ --shots 0,1,5"
        })
public final class EvalCommand implements Callable<Integer> {
    private static final String PERPLEXITY = "perplexity:";

    private final Session session;

    @Parameters(
            arity = "0..*",
            paramLabel = "MODEL",
            description = "Model directories, or MODEL+ADAPTER; the first is the base.")
    private List<String> models = List.of();

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            description = {
                "Data files, names given by --data, perplexity:FILE, ifeval, task files, names of",
                "tasks, or a directory of LoRA Land's metadata.yaml files."
            })
    private List<String> tasks = List.of();

    @Option(
            names = "--responses",
            paramLabel = "FILE",
            description = {
                "Grade these responses instead of asking a model (task ifeval): JSON lines with",
                "response, and key or prompt. Several files make a board, the first is the base."
            })
    private List<Path> responses = List.of();

    @Option(
            names = "--data",
            paramLabel = "NAME=FILE",
            description = "The file of a task's data; may be given several times.")
    private Map<String, Path> data = Map.of();

    @Mixin private final DeviceArguments device = new DeviceArguments();
    @Mixin private final HarnessArguments harnessArguments = new HarnessArguments();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Only the first N samples of each task.")
    private @Nullable Integer limit;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Most tokens of an answer (default: by the longest reference).")
    private @Nullable Integer maxTokens;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write results and samples here, in lm-evaluation-harness's shape.")
    private @Nullable Path out;

    @Option(
            names = "--until-significant",
            description = {
                "Stop as soon as two models differ significantly (5 %%) by a task's first metric.",
                "Items come in random order; both models are held in memory."
            })
    private boolean untilSignificant;

    @Mixin private final Requirements requirements = new Requirements();

    private EvalCommand(Session session) {
        this.session = session;
    }

    /// With its subcommands in this session.
    public static CommandLine create(Session session) {
        CommandLine eval = new CommandLine(new EvalCommand(session));
        eval.addSubcommand(new EvalBoardCommand(session));
        eval.addSubcommand(new EvalHistoryCommand(session));
        return eval;
    }

    @Override
    public Integer call() {
        if (tasks.isEmpty()) {
            throw TailorException.of(ErrorCode.USAGE, "nothing to evaluate by: --tasks is missing")
                    .remedy("name tasks with --tasks, such as --tasks holdout.jsonl");
        }
        if (untilSignificant && !responses.isEmpty()) {
            throw TailorException.of(
                    ErrorCode.USAGE,
                    "--until-significant asks models; responses are there already");
        }
        if (models.isEmpty() == responses.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.USAGE,
                            models.isEmpty()
                                    ? "nothing to evaluate"
                                    : "models and --responses exclude each other")
                    .remedy("name model directories, or responses with --responses FILE");
        }
        requirements.check();
        HarnessTasks harness = new HarnessTasks(session, harnessArguments, data, limit, maxTokens);
        Board board = Board.of(responses.isEmpty() ? askModels(harness) : gradeResponses());
        report(board, harness);
        List<Gate.Outcome> outcomes = requirements.hold(board);
        outcomes.stream()
                .filter(Gate.Outcome::passed)
                .forEach(outcome -> session.note(outcome.describe()));
        Requirements.failure(outcomes)
                .ifPresent(failure -> {
                    throw failure;
                });
        return harness.failures() == 0 ? 0 : ErrorCode.DATA_INVALID.exitCode();
    }

    private List<ModelResult> gradeResponses() {
        return new GivenResponses(session, data, Optional.ofNullable(limit))
                .grade(tasks, responses);
    }

    private List<ModelResult> askModels(HarnessTasks harness) {
        List<ModelSource> sources = models.stream().map(session::model).toList();
        if (Set.copyOf(models).size() < models.size()) {
            throw TailorException.of(ErrorCode.USAGE, "a model is named twice: " + models);
        }
        List<Task> chosen =
                tasks.stream().filter(name -> !harness.take(name)).map(this::task).toList();
        if (untilSignificant && sources.size() != 2) {
            throw TailorException.of(
                    ErrorCode.USAGE, "--until-significant compares two models: name two");
        }
        if (untilSignificant && !harness.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.USAGE,
                            "--until-significant does not go with tasks of lm-evaluation-harness")
                    .remedy("compare them on all their rows: leave --until-significant out");
        }
        session.startTorch();
        device.use();
        if (untilSignificant) {
            return new Comparing(session).evaluate(sources.getFirst(), sources.getLast(), chosen);
        }
        List<ModelResult> results = new ArrayList<>();
        for (ModelSource source : sources) {
            results.add(evaluate(source, chosen, harness));
        }
        return results;
    }

    private void report(Board board, HarnessTasks harness) {
        if (out != null) {
            write(out, board);
            harness.write(out);
        }
        if (session.json()) {
            ObjectNode json = BoardFormat.json(board);
            if (board.models().size() > 1) {
                json.set("comparisons", ComparisonReport.of(board).json());
            }
            session.print(json);
        } else {
            session.out().print(BoardFormat.TEXT.render(board) + harness.curves());
            if (board.models().size() > 1) {
                session.out().print("\n" + ComparisonReport.of(board).text());
            }
        }
    }

    private Task task(String name) {
        Task task = name.equals(GivenResponses.IFEVAL) ? ifeval() : dataTask(name);
        if (maxTokens != null) {
            task = task.withMaxTokens(maxTokens);
        }
        return limit == null ? task : task.limited(limit);
    }

    private Task ifeval() {
        return new InstructionFollowing(GivenResponses.IFEVAL, GivenResponses.prompts(data));
    }

    private Task dataTask(String name) {
        boolean perplexity = name.startsWith(PERPLEXITY);
        String reference = perplexity ? name.substring(PERPLEXITY.length()) : name;
        Path file = data.getOrDefault(reference, Path.of(reference));
        if (!Files.exists(file)) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND, "there is no task '" + reference + "'")
                    .remedy("name a data file, or give one with --data " + reference + "=FILE");
        }
        DataSet set = DataSet.open(DataSource.of(file));
        String title = data.containsKey(reference) ? reference : stem(file);
        return perplexity ? Tasks.perplexity(PERPLEXITY + title, set) : Tasks.of(title, set);
    }

    static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private ModelResult evaluate(ModelSource source, List<Task> chosen, HarnessTasks harness) {
        List<TaskResult> results = new ArrayList<>();
        LoadedModel loaded = LoadedModel.load(source, Optional.empty());
        try (TorchLanguageModel model =
                        new TorchLanguageModel(source.text(), loaded, session.cancellation());
                Session.Progress progress = session.progress()) {
            Task.Watch watch = new Task.Watch("eval", progress, session.cancellation());
            for (Task task : chosen) {
                results.add(task.evaluate(model, watch));
            }
            if (!harness.isEmpty()) {
                results.addAll(harness.evaluate(source.text(), model, loaded, watch));
            }
        }
        return new ModelResult(source.text(), results);
    }

    /// The folder of a model's results.
    static String folder(String model) {
        return model.replaceAll("[^A-Za-z0-9._-]+", "-");
    }

    private static void write(Path directory, Board board) {
        AtomicWrite.text(directory.resolve("report.html"), EvaluationPage.render(board));
        boolean several = board.models().size() > 1;
        for (ModelResult result : board.models()) {
            ResultStore.write(
                    several ? directory.resolve(folder(result.model())) : directory, result);
        }
        if (several) {
            ComparisonReport comparisons = ComparisonReport.of(board);
            AtomicWrite.text(
                    directory.resolve("board.md"),
                    BoardFormat.MARKDOWN.render(board) + "\n" + comparisons.markdown());
            AtomicWrite.text(directory.resolve("differences.jsonl"), comparisons.itemLines());
        }
    }
}
