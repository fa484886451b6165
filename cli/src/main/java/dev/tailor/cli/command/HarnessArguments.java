package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.harness.CodeRunner;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How `tailor eval` runs tasks of lm-evaluation-harness.
final class HarnessArguments {
    @Mixin private final TaskPlaces places = new TaskPlaces();

    @Option(
            names = "--shots",
            split = ",",
            paramLabel = "N",
            description =
                    "Examples before the question (default: the task's own); several make a curve.")
    private List<Integer> shots = List.of();

    @Option(
            names = "--apply-chat-template",
            description = "Prompt through the model's chat template.")
    private boolean chat;

    @Option(
            names = "--fewshot-as-multiturn",
            description = "With the chat template, examples are turns of their own.")
    private boolean multiTurn;

    @Option(
            names = "--system-instruction",
            paramLabel = "TEXT",
            description = "Stands before the task's description.")
    private String systemInstruction = "";

    @Option(
            names = "--fewshot-seed",
            paramLabel = "SEED",
            description = "Seed of the draw of examples (default: 1234).")
    private long seed = 1234;

    @Option(
            names = "--bootstrap",
            paramLabel = "N",
            description =
                    "Resamples for standard errors without a formula (default: 100000; 0: none).")
    private int bootstrap = 100_000;

    @Option(
            names = "--cache",
            paramLabel = "FILE.jsonl",
            description = "Keep replies here and reuse them: an interrupted evaluation goes on.")
    private @Nullable Path cache;

    @Option(
            names = "--run-code",
            paramLabel = "COMMAND",
            description = {
                "Run the programs that models write (pass_at_1) by this command, which gets them"
                        + " on",
                "standard input and should be a sandbox; 10 seconds each. Without it, none runs."
            })
    private @Nullable String code;

    TaskPlaces places() {
        return places;
    }

    List<Integer> shots() {
        return distinctShots(shots);
    }

    /// Numbers of examples, checked, each once and in order.
    static List<Integer> distinctShots(List<Integer> shots) {
        for (int count : shots) {
            if (count < 0 || count > 1000) {
                throw TailorException.of(
                        ErrorCode.USAGE, "--shots takes numbers from 0 to 1000, not " + count);
            }
        }
        return shots.stream().distinct().sorted().toList();
    }

    boolean chat() {
        if (multiTurn && !chat) {
            throw TailorException.of(
                    ErrorCode.USAGE, "--fewshot-as-multiturn needs --apply-chat-template");
        }
        return chat;
    }

    boolean multiTurn() {
        return multiTurn;
    }

    String systemInstruction() {
        return systemInstruction;
    }

    long seed() {
        if (seed < 0 || seed > 0xffffffffL) {
            throw TailorException.of(ErrorCode.USAGE, "--fewshot-seed takes 0 to 4294967295");
        }
        return seed;
    }

    int bootstrap() {
        return Math.clamp(bootstrap, 0, 10_000_000);
    }

    Optional<CodeRunner> code() {
        return Optional.ofNullable(code)
                .map(String::strip)
                .filter(command -> !command.isEmpty())
                .map(command ->
                        new CodeRunner(List.of(command.split("\\s+")), Duration.ofSeconds(10)));
    }

    @Nullable Path cache() {
        return cache;
    }
}
