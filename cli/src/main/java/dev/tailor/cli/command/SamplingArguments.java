package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.SamplingSettings;

import picocli.CommandLine.Option;

import java.util.List;

/// How tokens are chosen.
final class SamplingArguments {
    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 takes the likeliest token each time (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Keep the likeliest tokens up to this mass (default: ${DEFAULT-VALUE}).")
    private double topP;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Keep the K likeliest tokens; 0 keeps all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Keep tokens with this share of the likeliest one's probability"
                            + " (default: ${DEFAULT-VALUE}).")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            defaultValue = "1",
            description = "Makes repeated tokens unlikelier; 1 is off (default: ${DEFAULT-VALUE}).")
    private double repetitionPenalty;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of sampling (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End an answer before this text; may be given several times.")
    private List<String> stops = List.of();

    SamplingSettings settings() {
        try {
            return new SamplingSettings(
                    temperature, topK, topP, minP, repetitionPenalty, maxTokens);
        } catch (IllegalArgumentException e) {
            throw TailorException.of(ErrorCode.USAGE, "--" + e.getMessage()).causedBy(e);
        }
    }

    long seed() {
        return seed;
    }

    List<String> stops() {
        return stops;
    }
}
