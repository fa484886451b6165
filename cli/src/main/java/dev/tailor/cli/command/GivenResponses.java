package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.eval.InstructionFollowing;
import dev.tailor.eval.InstructionFollowing.Answered;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResponseFile;
import dev.tailor.eval.ifeval.PromptFile;
import dev.tailor.eval.ifeval.VerifiablePrompt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
        Map<String, List<Answered>> answered = new LinkedHashMap<>();
        for (Path file : files) {
            String stem = EvalCommand.stem(file);
            ResponseFile responses = ResponseFile.read(file, prompts);
            tell(file, responses, prompts.size());
            if (answered.putIfAbsent(
                            answered.containsKey(stem) ? file.toString() : stem,
                            responses.answered())
                    != null) {
                throw TailorException.of(ErrorCode.USAGE, "the file is named twice").at(file);
            }
        }
        Set<String> common = common(answered.values());
        List<ModelResult> results = new ArrayList<>();
        answered.forEach((name, answers) -> {
            List<Answered> graded =
                    answers.stream().filter(a -> common.contains(a.prompt().key())).toList();
            results.add(new ModelResult(name, List.of(InstructionFollowing.grade(IFEVAL, graded))));
        });
        return results;
    }

    /// Files are compared on the prompts that all of them answer.
    private Set<String> common(Collection<List<Answered>> files) {
        Set<String> common = new HashSet<>();
        Set<String> any = new HashSet<>();
        for (List<Answered> answers : files) {
            Set<String> keys = new HashSet<>();
            answers.forEach(answer -> keys.add(answer.prompt().key()));
            if (any.isEmpty()) {
                common.addAll(keys);
            }
            common.retainAll(keys);
            any.addAll(keys);
        }
        if (common.isEmpty()) {
            throw TailorException.of(
                    ErrorCode.DATA_INVALID, "no prompt has a response in all of the files");
        }
        if (common.size() < any.size()) {
            session.note(
                    "%d prompts are answered by all files and compared; %d others are left out"
                            .formatted(common.size(), any.size() - common.size()));
        }
        return common;
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
