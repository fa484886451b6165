package dev.tailor.export;

import dev.tailor.export.internal.check.DirectoryExamination;

import java.nio.file.Path;
import java.util.List;

/// Whether a model directory in Hugging Face layout will load elsewhere (transformers, vLLM,
/// llama.cpp's converter), and what in it contradicts itself.
///
/// @param findings errors first
public record DirectoryCheck(Path directory, List<Finding> findings) {
    public DirectoryCheck {
        findings = List.copyOf(findings);
    }

    /// How bad a finding is.
    public enum Severity {
        /// It will not load, or will compute something else.
        ERROR,
        /// It loads, but probably not as meant.
        WARNING
    }

    /// Something that was found.
    ///
    /// @param where the file, or the tensor
    /// @param what one sentence without a full stop
    public record Finding(Severity severity, String where, String what) {}

    /// Examines a directory: configuration, weights (headers only, and every tensor's shape for
    /// Llama-family models), tokenizer, special tokens and chat template.
    public static DirectoryCheck of(Path directory) {
        return new DirectoryCheck(directory, DirectoryExamination.of(directory));
    }

    /// Whether nothing was found that keeps the model from loading.
    public boolean loads() {
        return findings.stream().noneMatch(finding -> finding.severity() == Severity.ERROR);
    }
}
