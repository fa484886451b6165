package dev.tailor.eval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.data.JsonRows;
import dev.tailor.eval.ifeval.VerifiablePrompt;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Responses that were made elsewhere: one JSON object a line with `response` and, to say what it
/// answers, `key` or `prompt`.
///
/// @param answered the prompts that have a response, in the order of the task
/// @param missing the number of prompts that have none
/// @param strangers the lines whose prompt is not in the task
/// @param repeated the lines whose prompt has a response already; the first one counts
public record ResponseFile(
        List<InstructionFollowing.Answered> answered,
        int missing,
        List<Location> strangers,
        List<Location> repeated) {
    /// Reads the responses to a task's prompts.
    ///
    /// @throws TailorException FILE_NOT_FOUND; DATA_INVALID with the line, for a row without
    ///   response, key and prompt, and when no response belongs to the task
    public static ResponseFile read(Path file, List<VerifiablePrompt> prompts) {
        Map<String, VerifiablePrompt> byKey = new HashMap<>();
        Map<String, VerifiablePrompt> byPrompt = new HashMap<>();
        for (VerifiablePrompt prompt : prompts) {
            byKey.put(prompt.key(), prompt);
            byPrompt.putIfAbsent(prompt.prompt(), prompt);
        }
        Map<String, String> responses = new LinkedHashMap<>();
        List<Location> strangers = new ArrayList<>();
        List<Location> repeated = new ArrayList<>();
        for (JsonRows.Row row : JsonRows.read(file)) {
            String response = row.text("response");
            VerifiablePrompt prompt = prompt(row, byKey, byPrompt);
            if (prompt == null) {
                strangers.add(row.place());
            } else if (responses.putIfAbsent(prompt.key(), response) != null) {
                repeated.add(row.place());
            }
        }
        if (responses.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID, "none of the responses belongs to the task")
                    .at(file)
                    .remedy("'key' or 'prompt' must be that of the task's data");
        }
        List<InstructionFollowing.Answered> answered = new ArrayList<>();
        for (VerifiablePrompt prompt : prompts) {
            String response = responses.get(prompt.key());
            if (response != null) {
                answered.add(new InstructionFollowing.Answered(prompt, response));
            }
        }
        return new ResponseFile(answered, prompts.size() - answered.size(), strangers, repeated);
    }

    private static @Nullable VerifiablePrompt prompt(
            JsonRows.Row row,
            Map<String, VerifiablePrompt> byKey,
            Map<String, VerifiablePrompt> byPrompt) {
        if (row.json().has("key")) {
            return byKey.get(row.key("key"));
        }
        if (!row.json().has("prompt")) {
            throw row.invalid("the row needs 'key' or 'prompt' to say what it answers");
        }
        return byPrompt.get(row.text("prompt"));
    }
}
