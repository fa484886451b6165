package dev.tailor.eval.internal.ifeval;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

import java.util.List;
import java.util.Set;

/// Whether a response is JSON, perhaps in a fence of backticks. As in Python's `json`, any value
/// may stand at the top, and `NaN`, `Infinity` and `-Infinity` are numbers.
final class JsonText {
    private static final String FENCE = "```";
    private static final List<String> OPENING = List.of("```json", "```Json", "```JSON", FENCE);
    private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(900)
                                    .maxNumberLength(4300)
                                    .build())
                    .build();

    private JsonText() {}

    static boolean isJson(String response) {
        String text = PythonText.strip(response);
        for (String opening : OPENING) {
            text = text.startsWith(opening) ? text.substring(opening.length()) : text;
        }
        if (text.endsWith(FENCE)) {
            text = text.substring(0, text.length() - FENCE.length());
        }
        return isValue(PythonText.strip(text));
    }

    private static boolean isValue(String text) {
        if (text.startsWith("\ufeff")) {
            return false;
        }
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            int depth = 0;
            for (JsonToken token = parser.currentToken(); token != null; ) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                boolean odd =
                        token == JsonToken.VALUE_NUMBER_FLOAT
                                && parser.isNaN()
                                && !NOT_FINITE.contains(parser.getString());
                if (odd) {
                    return false;
                }
                token = parser.nextToken();
                if (depth == 0 && token != null) {
                    return false;
                }
            }
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }
}
