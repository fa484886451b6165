package dev.tailor.core;

/// Why something failed, as a stable code a script can match, with the exit code of the process.
///
/// Exit codes: 1 a bug, 2 usage, 3 bad data or configuration, 4 a gate failed, 5 not enough memory,
/// disk or device.
public enum ErrorCode {
    /// A defect of Tailor itself.
    INTERNAL(1),
    /// The command line is wrong.
    USAGE(2),
    /// A recipe or configuration file is wrong.
    CONFIG_INVALID(3),
    /// A file or directory that was named does not exist or cannot be read.
    FILE_NOT_FOUND(3),
    /// A file is not what it claims to be.
    FILE_CORRUPT(3),
    /// A data set is empty, malformed or of the wrong kind.
    DATA_INVALID(3),
    /// A model's tensors, configuration and tokenizer do not fit together.
    MODEL_INVALID(3),
    /// A chat template cannot be parsed, or refuses the conversation.
    TEMPLATE_INVALID(3),
    /// Training stopped because the loss was no longer a finite number.
    TRAINING_DIVERGED(3),
    /// A gate's requirement does not hold.
    GATE_FAILED(4),
    /// Not enough memory.
    OUT_OF_MEMORY(5),
    /// Not enough space on the disk.
    DISK_FULL(5),
    /// The machine lacks something that is needed (a processor, a native library).
    DEVICE_UNAVAILABLE(5),
    /// The user stopped the work (Ctrl-C); what was done is kept.
    INTERRUPTED(130);

    private final int exitCode;

    ErrorCode(int exitCode) {
        this.exitCode = exitCode;
    }

    /// The exit code of a process that ends with this error.
    public int exitCode() {
        return exitCode;
    }
}
