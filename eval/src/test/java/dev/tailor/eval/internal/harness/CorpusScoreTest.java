package dev.tailor.eval.internal.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Scores beside those that sacrebleu gave the same answers (the golden file says which version).
class CorpusScoreTest {
    @TestFactory
    Stream<DynamicTest> scores_areThoseOfSacrebleu() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode each : cases()) {
            for (CorpusScore score : CorpusScore.values()) {
                tests.add(
                        DynamicTest.dynamicTest(
                                score.id() + " " + tests.size(),
                                () ->
                                        assertThat(score.of(samples(each, score)))
                                                .isCloseTo(
                                                        each.get(score.id()).asDouble(),
                                                        within(1e-9))));
            }
        }
        assertThat(tests).hasSizeGreaterThan(40);
        return tests.stream();
    }

    @Test
    void aggregations_resampleCorpusScoresAHundredTimes() throws IOException {
        double[][] samples = samples(cases().get(4), CorpusScore.BLEU);

        assertThat(Aggregation.BLEU.value(samples)).isEqualTo(CorpusScore.BLEU.of(samples));
        assertThat(Aggregation.BLEU.standardError(samples, 100_000))
                .isEqualTo(Aggregation.BLEU.standardError(samples, 100));
        assertThat(Aggregation.BLEU.standardError(samples, 100).orElse(0)).isBetween(0.1, 10.0);
    }

    private static JsonNode cases() throws IOException {
        try (InputStream file =
                CorpusScoreTest.class.getResourceAsStream("/golden/corpus-scores.json")) {
            return JsonMapper.shared().readTree(file).get("cases");
        }
    }

    private static double[][] samples(JsonNode each, CorpusScore score) {
        double[][] samples = new double[each.get("answers").size()][];
        for (int i = 0; i < samples.length; i++) {
            List<String> references = new ArrayList<>();
            each.get("references").get(i).forEach(text -> references.add(text.asString()));
            samples[i] = score.statistics(each.get("answers").get(i).asString(), references);
        }
        return samples;
    }
}
