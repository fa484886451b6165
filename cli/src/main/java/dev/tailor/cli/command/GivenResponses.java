package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.eval.InstructionFollowing;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResponseFile;
import dev.tailor.eval.ifeval.PromptFile;
import dev.tailor.eval.ifeval.VerifiablePrompt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Grades responses that `tailor eval` is given as files.
///
/// @param data the files of tasks that were named
/// @param limit only so many prompts, from the first on
record GivenResponses(Session session, Map<String, Path> data, Optional<Integer> limit) {
    /// The task that responses can be graded by.
    static final String IFEVAL = "ifeval";

    /// The prompts of the task.
    static List<VerifiablePrompt> prompts(Map<String, Path> data) {
        return data.containsKey(IFEVAL)
                ? PromptFile.read(data.get(IFEVAL))
                : PromptFile.published();
    }

    /// What the responses of each file reach.
    List<ModelResult> grade(List<String> tasks, List<Path> files) {
        if (!tasks.equals(List.of(IFEVAL))) {
            throw TailorException.of(
                            ErrorCode.USAGE,
                            "responses are graded by the task ifeval, not by "
                                    + String.join(", ", tasks))
                    .remedy("write --tasks ifeval");
        }
        List<VerifiablePrompt> all = prompts(data);
        List<VerifiablePrompt> prompts =
                all.subList(0, Math.min(limit.orElse(all.size()), all.size()));
        Set<String> names = new HashSet<>();
        List<ModelResult> results = new ArrayList<>();
        for (Path file : files) {
            String name = EvalCommand.stem(file);
            name = names.add(name) ? name : file.toString();
            ResponseFile responses = ResponseFile.read(file, prompts);
            tell(file, responses, prompts.size());
            results.add(
                    new ModelResult(
                            name,
                            List.of(InstructionFollowing.grade(IFEVAL, responses.answered()))));
        }
        return results;
    }

    private void tell(Path file, ResponseFile responses, int prompts) {
        if (responses.missing() > 0) {
            session.note(
                    "%s: %d of %d prompts have no response and are left out"
                            .formatted(file, responses.missing(), prompts));
        }
        tell(responses.strangers(), "answer no prompt of the task");
        tell(responses.repeated(), "answer a prompt that has a response already");
    }

    private void tell(List<Location> places, String what) {
        if (!places.isEmpty()) {
            session.note(
                    "%d responses %s, the first one at %s"
                            .formatted(places.size(), what, places.getFirst()));
        }
    }
}
