package dev.tailor.cli;

/// The `tailor` command.
public final class Main {
    private Main() {}

    /// Runs the command and ends the process with its exit code.
    public static void main(String[] args) {
        System.out.println("tailor");
    }
}
