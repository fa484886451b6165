package dev.tailor.eval.harness;

import java.util.Locale;

/// What a task asks of a model.
public enum OutputType {
    /// How likely the target is after the text, and whether it is what greedy decoding says.
    LOGLIKELIHOOD,
    /// How likely the target is as a whole document.
    LOGLIKELIHOOD_ROLLING,
    /// Which of several choices is likeliest after the text.
    MULTIPLE_CHOICE,
    /// An answer.
    GENERATE_UNTIL;

    /// The name in task files.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
