package dev.tailor.cli.terminal;

import picocli.CommandLine.IVersionProvider;

/// The version of this program.
public final class Version implements IVersionProvider {
    /// As in the parent POM.
    public static final String NUMBER = "0.1.0";

    @Override
    public String[] getVersion() {
        return new String[] {"tailor " + NUMBER};
    }
}
