package dev.tailor.eval.ifeval;

import java.util.ArrayList;
import java.util.List;

/// A prompt with the instructions in it that can be verified.
///
/// @param key its key in the data set
/// @param prompt what the model is asked
/// @param instructions at least one
public record VerifiablePrompt(String key, String prompt, List<Instruction> instructions) {
    /// The verdict of each instruction, in order.
    public List<Verdict> verify(String response) {
        Response parts = Response.of(response);
        List<Verdict> verdicts = new ArrayList<>();
        for (Instruction instruction : instructions) {
            verdicts.add(instruction.verify(parts));
        }
        return verdicts;
    }
}
