package dev.tailor.train.internal.batch;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.Seed;
import dev.tailor.data.DataSet;
import dev.tailor.text.Tokenizer;
import dev.tailor.train.Objective;
import dev.tailor.train.TrainSettings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Tokenises data sets, or finds them tokenised already, and lays them into rows.
///
/// @param model the directory with tokenizer and chat template
/// @param cache where token files are kept
public record Preparation(
        Path model, Path cache, Objective objective, TrainSettings settings, Seed seed) {
    /// Raised when the same data would give other token files.
    private static final String VERSION = "4";

    /// The files that decide how text becomes tokens.
    private static final List<String> TOKENIZER_FILES =
            List.of(
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "generation_config.json",
                    "config.json",
                    "chat_template.jinja",
                    "chat_template.json");

    /// Makes `data` ready.
    public Prepared prepare(DataSet data, Cancellation cancellation) {
        String key = key(data);
        Path file = cache.resolve("tokens-" + key.substring(0, 16) + ".bin");
        Optional<TokenFile> known = TokenFile.open(file);
        if (known.isEmpty()) {
            write(data, file, cancellation);
            known = TokenFile.open(file);
        }
        TokenFile tokens = known.orElseThrow(() -> new IllegalStateException("unreadable " + file));
        List<int[]> rows = rows(tokens);
        EpochOrder order =
                new EpochOrder(
                        settings.refinements().order(),
                        row ->
                                Arrays.stream(rows.get(row))
                                        .map(sequence -> tokens.length(sequence) - 1)
                                        .sum(),
                        seed);
        BatchPlan plan =
                new BatchPlan(rows, settings.batchSize(), settings.gradientAccumulation(), order);
        return new Prepared(tokens, plan, TokenNote.parse(tokens.note()), key);
    }

    private List<int[]> rows(TokenFile tokens) {
        boolean pack =
                switch (objective) {
                    case Objective.CausalLm(boolean packed, var augmentation) -> packed;
                    case Objective.Supervised(boolean packed, var trainOn) -> packed;
                    case Objective.Preference preference -> false;
                    case Objective.Unpaired unpaired -> false;
                    case Objective.Distillation distillation -> distillation.pack();
                };
        int perSample = objective instanceof Objective.Preference ? 2 : 1;
        return pack
                ? Rows.packed(tokens, settings.sequenceLength())
                : Rows.single(tokens.sequences(), perSample);
    }

    private void write(DataSet data, Path file, Cancellation cancellation) {
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            SampleEncoder encoder =
                    SampleEncoder.of(model, tokenizer, objective, settings.sequenceLength());
            new Tokenisation(encoder, seed, tokenizer.stopIds(), cancellation).write(data, file);
        }
    }

    private String key(DataSet data) {
        String learnt =
                switch (objective) {
                    case Objective.CausalLm causal -> "text " + causal.augmentation() + " " + seed;
                    case Objective.Supervised supervised -> "chat " + supervised.trainOn();
                    case Objective.Preference preference -> "pairs";
                    case Objective.Unpaired unpaired -> "answers";
                    case Objective.Distillation distillation ->
                            "text or chat " + distillation.trainOn();
                };
        StringBuilder parts = new StringBuilder(VERSION + "\n" + learnt + "\n");
        parts.append(settings.sequenceLength()).append('\n').append(data.digest()).append('\n');
        for (String name : TOKENIZER_FILES) {
            Path file = model.resolve(name);
            parts.append(name).append(' ');
            parts.append(Files.isRegularFile(file) ? Digest.ofFile(file) : "none").append('\n');
        }
        return Digest.ofString(parts.toString());
    }
}
