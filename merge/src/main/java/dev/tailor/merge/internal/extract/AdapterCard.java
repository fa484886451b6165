package dev.tailor.merge.internal.extract;

import dev.tailor.merge.ExtractedAdapter;
import dev.tailor.merge.ExtractionOptions;
import dev.tailor.merge.RankRule;

import java.nio.file.Path;
import java.util.Locale;

/// The `README.md` of an extracted adapter: what it stands for, and how well.
record AdapterCard(Path base, Path tuned, ExtractionOptions options, ExtractedAdapter result) {
    String text() {
        StringBuilder text = new StringBuilder();
        text.append(
                """
                ---
                library_name: peft
                base_model: "%s"
                tags:
                - lora
                ---
                # Extracted adapter

                Made by Tailor: what `%s` learnt beyond `%s`, as a LoRA adapter of %s. Each factor
                pair is the truncated singular value decomposition of a linear layer's difference.

                """
                        .formatted(
                                base.toString().replace("\\", "\\\\").replace("\"", "\\\""),
                                tuned,
                                base,
                                ranks()));
        result.notes().forEach(note -> text.append("- ").append(note).append('\n'));
        if (!result.saved().isEmpty()) {
            text.append("- %d tensors are held whole\n".formatted(result.saved().size()));
        }
        if (!result.notes().isEmpty() || !result.saved().isEmpty()) {
            text.append('\n');
        }
        text.append(
                """
                `kept` is the share of the difference's squared Frobenius norm, `error` the norm of
                what is left out as a share of the difference's. Worst first.

                | module | rank | kept | error | largest singular value |
                |---|---|---|---|---|
                """);
        for (ExtractedAdapter.AdaptedModule module : result.worst(result.modules().size())) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %d | %.4f | %.4f | %.4g |\n",
                            module.name(),
                            module.rank(),
                            module.keptEnergy(),
                            module.relativeError(),
                            module.largestSingularValue()));
        }
        return text.toString();
    }

    private String ranks() {
        return switch (options.ranks()) {
            case RankRule.Fixed(int rank) -> "rank " + rank;
            case RankRule.Energy(double share, int maxRank) ->
                    "the ranks that keep %s of the energy, at most %d".formatted(share, maxRank);
        };
    }
}
