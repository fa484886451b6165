package dev.tailor.cli;

import dev.tailor.cli.command.AdapterCommand;
import dev.tailor.cli.command.ChatCommand;
import dev.tailor.cli.command.CompletionCommand;
import dev.tailor.cli.command.DataCommand;
import dev.tailor.cli.command.DoctorCommand;
import dev.tailor.cli.command.EvalCommand;
import dev.tailor.cli.command.ExportCommand;
import dev.tailor.cli.command.GenerateCommand;
import dev.tailor.cli.command.GgufCommand;
import dev.tailor.cli.command.LoraLandCommand;
import dev.tailor.cli.command.MergeCommand;
import dev.tailor.cli.command.PlanCommand;
import dev.tailor.cli.command.PromptCommand;
import dev.tailor.cli.command.RunCommand;
import dev.tailor.cli.command.RunsCommand;
import dev.tailor.cli.command.SchemaCommand;
import dev.tailor.cli.command.ScoreCommand;
import dev.tailor.cli.command.ServeCommand;
import dev.tailor.cli.command.SpectrumCommand;
import dev.tailor.cli.command.TrainCommand;
import dev.tailor.cli.terminal.Session;

import java.util.List;
import java.util.function.Function;

/// The commands, in the order of the help. A command's class is loaded only when it is asked for:
/// `tailor --help` reads this list alone.
final class Commands {
    /// A command.
    ///
    /// @param name what the user types
    /// @param group the heading it stands under
    /// @param summary one line for the help
    /// @param create makes the command, or the `CommandLine` of one with subcommands
    record Entry(String name, String group, String summary, Function<Session, Object> create) {}

    private static final String WORKFLOW = "From data to model";
    private static final String MODELS = "Models";
    private static final String MEASURE = "Measure and use models";
    private static final String DATA = "Data and runs";
    private static final String MACHINE = "This machine";

    private Commands() {}

    static List<Entry> all() {
        return List.of(
                new Entry("run", WORKFLOW, "run a recipe, or go on with it", RunCommand::new),
                new Entry("plan", WORKFLOW, "what a recipe would do and take", PlanCommand::new),
                new Entry(
                        "train",
                        WORKFLOW,
                        "train one stage without a recipe",
                        TrainCommand::create),
                new Entry(
                        "merge", MODELS, "merge models as a mergekit file says", MergeCommand::new),
                new Entry(
                        "adapter",
                        MODELS,
                        "merge and extract PEFT adapters",
                        AdapterCommand::create),
                new Entry(
                        "spectrum",
                        MODELS,
                        "which layers are worth training",
                        SpectrumCommand::new),
                new Entry("export", MODELS, "GGUF for llama.cpp and Ollama", ExportCommand::new),
                new Entry("gguf", MODELS, "look into GGUF files", GgufCommand::create),
                new Entry("eval", MEASURE, "measure models by held-out data", EvalCommand::create),
                new Entry(
                        "loraland",
                        MEASURE,
                        "an adapter for each of many tasks, and the board",
                        LoraLandCommand::new),
                new Entry("score", MEASURE, "log-probabilities of texts", ScoreCommand::new),
                new Entry(
                        "generate",
                        MEASURE,
                        "continue prompts, answer questions",
                        GenerateCommand::new),
                new Entry(
                        "prompt",
                        MEASURE,
                        "what a chat template makes of a conversation",
                        PromptCommand::new),
                new Entry("chat", MEASURE, "talk with a model", ChatCommand::new),
                new Entry("serve", MEASURE, "serve models over HTTP", ServeCommand::new),
                new Entry("data", DATA, "check, count and convert data", DataCommand::create),
                new Entry("runs", DATA, "list, show and compare runs", RunsCommand::create),
                new Entry("doctor", MACHINE, "what this machine has and lacks", DoctorCommand::new),
                new Entry("schema", MACHINE, "the JSON Schema of recipes", SchemaCommand::new),
                new Entry(
                        "completion",
                        MACHINE,
                        "completion for bash and zsh",
                        CompletionCommand::new));
    }
}
