package dev.tailor.serve.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.SplittableRandom;

class StopTextTest {
    @Test
    void stop_acrossPieces_isNeverGivenOut() {
        StopText text = new StopText(List.of("STOP", "</s>"));
        assertThat(text.add("Hello S")).isEqualTo("Hello ");
        assertThat(text.add("T")).isEmpty();
        assertThat(text.add("AY ST")).isEqualTo("STAY ");
        assertThat(text.add("OP and on")).isEmpty();
        assertThat(text.isStopped()).isTrue();
        assertThat(text.finish()).isEmpty();
    }

    @Test
    void heldBackBeginning_isGivenInTheEnd() {
        StopText text = new StopText(List.of("STOP"));
        assertThat(text.add("a ST")).isEqualTo("a ");
        assertThat(text.finish()).isEqualTo("ST");
    }

    @Test
    void anyPieces_giveTheTextBeforeTheFirstStop() {
        SplittableRandom random = new SplittableRandom(1);
        List<String> stops = List.of("aab", "ba", "ccc");
        for (int i = 0; i < 2000; i++) {
            StringBuilder whole = new StringBuilder();
            StringBuilder given = new StringBuilder();
            StopText text = new StopText(stops);
            while (whole.length() < 30 && !text.isStopped()) {
                StringBuilder piece = new StringBuilder();
                for (int n = random.nextInt(1, 4); n > 0; n--) {
                    piece.append((char) ('a' + random.nextInt(3)));
                }
                whole.append(piece);
                given.append(text.add(piece.toString()));
            }
            given.append(text.finish());
            int end =
                    stops.stream()
                            .mapToInt(whole::indexOf)
                            .filter(at -> at >= 0)
                            .min()
                            .orElse(whole.length());
            assertThat(given.toString()).isEqualTo(whole.substring(0, end));
        }
    }
}
