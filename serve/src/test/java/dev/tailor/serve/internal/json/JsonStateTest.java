package dev.tailor.serve.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.util.Optional;
import java.util.SplittableRandom;

class JsonStateTest {
    private static final JsonMapper STRICT =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final String CHARACTERS = "{}[]\":,\\u0123e+-.E truefalsn é\n";

    private static Optional<JsonState> after(String text) {
        Optional<JsonState> state = Optional.of(JsonState.start());
        for (char c : text.toCharArray()) {
            state = state.flatMap(s -> s.next(c));
        }
        return state;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                " {\"a\": 1}",
                "{\"a\":[1,-0.5e+10,[],{\"b\":null}],\"c\":true , \"d\" :\"\\u00e9\\n\"}",
                "{\"\":[[[false]]]}"
            })
    void document_isComplete(String text) {
        assertThat(after(text).map(JsonState::isComplete)).contains(true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[",
                "1",
                "{,",
                "{\"a\" 1",
                "{\"a\":01",
                "{\"a\":+",
                "{\"a\":1,}",
                "{\"a\":tra",
                "{\"a\":[1,]",
                "{\"a\":\"\\x",
                "{\"a\":\"\\u00g",
                "{\"a\":\"\n",
                "{}x",
                "{\"a\":1]",
                "{\"a\":-.",
                "{\"a\":1.e",
                "{\"a\":1e}"
            })
    void text_thatBeginsNoObject_isRefused(String text) {
        assertThat(after(text)).isEmpty();
    }

    /// Whatever is written at random, what is accepted can be completed in as many characters as
    /// are promised, and is JSON then.
    @Test
    void anyBeginning_canBeCompletedAsPromised() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder();
            JsonState state = JsonState.start();
            int length = random.nextInt(60);
            for (int tries = 0; tries < 400 && text.length() < length; tries++) {
                char c = CHARACTERS.charAt(random.nextInt(CHARACTERS.length()));
                Optional<JsonState> next = state.next(c);
                if (next.isPresent()) {
                    state = next.get();
                    text.append(c);
                }
            }
            int promised = state.toComplete();
            int used = complete(state, text);
            assertThat(used).as(text.toString()).isEqualTo(promised);
            requireObject(text.toString());
        }
    }

    private static int complete(JsonState begun, StringBuilder text) {
        JsonState state = begun;
        int used = 0;
        while (!state.isComplete()) {
            JsonState now = state;
            char c =
                    (char)
                            CHARACTERS
                                    .chars()
                                    .filter(each ->
                                            now.next((char) each)
                                                    .filter(next ->
                                                            next.toComplete() < now.toComplete())
                                                    .isPresent())
                                    .findFirst()
                                    .orElseThrow();
            text.append(c);
            state = state.next(c).orElseThrow();
            used++;
        }
        return used;
    }

    private static void requireObject(String text) {
        try {
            assertThat(STRICT.readTree(text).isObject()).as(text).isTrue();
        } catch (JacksonException e) {
            throw new AssertionError(text, e);
        }
    }
}
