package dev.tailor.eval.ifeval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Every instruction against every response, compared with the verdicts that lm-evaluation-harness
/// gave (`golden/ifeval/README.md`).
class GoldenVerdictsTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TestFactory
    Stream<DynamicTest> verify_everyResponse_agreesWithTheReference() throws IOException {
        List<Response> responses = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (JsonNode text : rows("responses.jsonl")) {
            texts.add(text.stringValue());
            responses.add(Response.of(text.stringValue()));
        }
        return rows("verdicts.jsonl").stream()
                .map(row ->
                        DynamicTest.dynamicTest(
                                row.path("instruction").stringValue() + row.path("arguments"),
                                () -> compare(row, texts, responses)));
    }

    private static void compare(JsonNode row, List<String> texts, List<Response> responses) {
        Instruction instruction =
                Instruction.of(
                        row.path("instruction").stringValue(), arguments(row.path("arguments")));
        String strict = row.path("strict").stringValue();
        String loose = row.path("loose").stringValue();
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < responses.size(); i++) {
            Verdict verdict = instruction.verify(responses.get(i));
            if (differs(strict.charAt(i), verdict.strict())
                    || differs(loose.charAt(i), verdict.loose())) {
                differences.add(
                        i + ": " + verdict + " for " + JSON.writeValueAsString(texts.get(i)));
            }
        }
        assertThat(differences).isEmpty();
    }

    /// `?` stands where the reference contradicts itself.
    private static boolean differs(char expected, boolean verdict) {
        return expected != '?' && (expected == '1') != verdict;
    }

    @Test
    void goldenVerdicts_holdBothOutcomesOfEveryInstruction() throws IOException {
        Map<String, Set<Character>> outcomes = new LinkedHashMap<>();
        for (JsonNode row : rows("verdicts.jsonl")) {
            Set<Character> seen =
                    outcomes.computeIfAbsent(
                            row.path("instruction").stringValue(), id -> new TreeSet<>());
            row.path("strict").stringValue().chars().forEach(c -> seen.add((char) c));
        }
        assertThat(outcomes.keySet()).containsExactlyInAnyOrderElementsOf(Instruction.ids());
        assertThat(outcomes.values()).allMatch(seen -> seen.containsAll(Set.of('0', '1')));
    }

    private static Map<String, Object> arguments(JsonNode node) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        node.forEachEntry(
                (name, value) -> arguments.put(name, JSON.convertValue(value, Object.class)));
        return arguments;
    }

    private static List<JsonNode> rows(String name) throws IOException {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        GoldenVerdictsTest.class.getResourceAsStream(
                                                "/golden/ifeval/" + name)),
                                StandardCharsets.UTF_8))) {
            return reader.lines().map(JSON::readTree).toList();
        }
    }
}
