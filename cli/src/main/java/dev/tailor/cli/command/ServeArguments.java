package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.serve.ApiKeys;
import dev.tailor.serve.ServerSettings;
import dev.tailor.workflow.model.ModelSource;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where a server listens, whom it lets in, and how much it takes on.
final class ServeArguments {
    private static final int MEGABYTE = 1 << 20;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "Listen at this address; 0.0.0.0 is all of them (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8000",
            description = "Listen at this port; 0 is any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What clients call the model (default: its directory's name).")
    private @Nullable String name;

    @Option(
            names = "--api-key-file",
            paramLabel = "FILE",
            description =
                    "Let in only clients with a key whose hash is in this file, which --hash-key"
                            + " writes.")
    private @Nullable Path keyFile;

    @Option(
            names = "--cors-origin",
            paramLabel = "ORIGIN",
            description =
                    "Let web pages of this origin ask; '*' is every page (default: none but this"
                            + " server's own).")
    private @Nullable String corsOrigin;

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Most answers generated together (default: ${DEFAULT-VALUE}).")
    private int maxBatch;

    @Option(
            names = "--max-queue",
            paramLabel = "N",
            defaultValue = "256",
            description =
                    "Most answers that wait; further requests get status 429 (default:"
                            + " ${DEFAULT-VALUE}).")
    private int maxQueue;

    @Option(
            names = "--cache-tokens",
            paramLabel = "N",
            defaultValue = "32768",
            description =
                    "Tokens of all prompts and answers together whose keys and values are kept"
                            + " (default: ${DEFAULT-VALUE}).")
    private int cacheTokens;

    @Option(
            names = "--max-body",
            paramLabel = "MB",
            defaultValue = "8",
            description = "The largest request in megabytes (default: ${DEFAULT-VALUE}).")
    private int maxBody;

    @Option(
            names = "--votes",
            paramLabel = "FILE.jsonl",
            description =
                    "Keep the votes between two answers that are given on the chat page: pairs are"
                            + " appended to this file, which 'tailor train dpo' reads; ties and the"
                            + " like to FILE.others.jsonl (default: votes are not kept).")
    private @Nullable Path votes;

    /// How the server is run.
    ///
    /// @throws TailorException USAGE for a value out of range, and as [ApiKeys#load]
    ServerSettings settings(Map<String, Path> adapters) {
        if (port < 0 || port > 65535) {
            throw TailorException.of(ErrorCode.USAGE, "--port is out of range: " + port);
        }
        try {
            int body = Math.multiplyExact(maxBody, MEGABYTE);
            return new ServerSettings(
                    host,
                    port,
                    Optional.ofNullable(keyFile).map(ApiKeys::load),
                    Optional.ofNullable(corsOrigin),
                    new ServerSettings.Load(maxBatch, maxQueue, cacheTokens, body),
                    adapters,
                    Optional.ofNullable(votes));
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw TailorException.of(ErrorCode.USAGE, "--" + e.getMessage()).causedBy(e);
        }
    }

    /// What clients call the model.
    String name(ModelSource source) {
        if (name != null) {
            return name;
        }
        Path last = source.directory().toAbsolutePath().normalize().getFileName();
        return last == null ? source.text() : last.toString();
    }

    /// The host as it stands in an address.
    String shownHost() {
        return host.contains(":") ? "[" + host + "]" : host;
    }
}
