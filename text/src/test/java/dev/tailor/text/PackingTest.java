package dev.tailor.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.text.Packing.Overlong;
import dev.tailor.text.Packing.Piece;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

class PackingTest {
    private static final JsonNode GOLDEN =
            JsonMapper.shared().readTree(Path.of("src/test/resources/golden/packing/packing.json"));
    private static final int CAPACITY = GOLDEN.path("seq_length").intValue();

    @Test
    void bestFitDecreasing_truncating_equalsRecorded() {
        Packing packing = Packing.bestFitDecreasing(lengths(), CAPACITY, Overlong.TRUNCATE);

        assertEqualsRecorded(packing, "bfd");
        assertThat(packing.truncated()).isEqualTo(1);
        assertThat(packing.lostTokens()).isEqualTo(4);
    }

    @Test
    void bestFitDecreasing_splitting_equalsRecorded() {
        Packing packing = Packing.bestFitDecreasing(lengths(), CAPACITY, Overlong.SPLIT);

        assertEqualsRecorded(packing, "bfd_split");
        assertThat(packing.split()).isEqualTo(1);
        assertThat(packing.lostTokens()).isZero();
    }

    @Test
    void wrapped_equalsRecorded() {
        Packing packing = Packing.wrapped(lengths(), CAPACITY);

        List<List<Integer>> rows = new ArrayList<>();
        packing.rows().forEach(row -> rows.add(tokens(row)));
        assertThat(rows).isEqualTo(ints(GOLDEN.path("wrapped").path("input_ids")));
    }

    @Test
    void bestFitDecreasing_randomLengths_placesEveryTokenOnceWithinCapacity() {
        Random random = new Random(7);
        int[] lengths = random.ints(2000, 0, 700).toArray();

        Packing packing = Packing.bestFitDecreasing(lengths, 512, Overlong.SPLIT);

        List<BitSet> seen = new ArrayList<>();
        for (int length : lengths) {
            seen.add(new BitSet(length));
        }
        for (List<Piece> row : packing.rows()) {
            assertThat(row.stream().mapToInt(Piece::length).sum()).isBetween(1, 512);
            for (Piece piece : row) {
                BitSet tokens = seen.get(piece.sequence());
                assertThat(tokens.get(piece.start(), piece.start() + piece.length()).isEmpty())
                        .isTrue();
                tokens.set(piece.start(), piece.start() + piece.length());
            }
        }
        for (int i = 0; i < lengths.length; i++) {
            assertThat(seen.get(i).cardinality()).isEqualTo(lengths[i]);
        }
        assertThat((double) packing.tokens() / (512L * packing.rows().size())).isGreaterThan(0.95);
    }

    private static void assertEqualsRecorded(Packing packing, String name) {
        List<List<Integer>> rows = new ArrayList<>();
        List<List<Integer>> lengths = new ArrayList<>();
        for (List<Piece> row : packing.rows()) {
            rows.add(tokens(row));
            lengths.add(row.stream().map(Piece::length).toList());
        }
        assertThat(rows).isEqualTo(ints(GOLDEN.path(name).path("input_ids")));
        assertThat(lengths).isEqualTo(ints(GOLDEN.path(name).path("seq_lengths")));
    }

    private static List<Integer> tokens(List<Piece> row) {
        List<Integer> tokens = new ArrayList<>();
        for (Piece piece : row) {
            JsonNode example = GOLDEN.path("examples").path(piece.sequence());
            for (int i = 0; i < piece.length(); i++) {
                tokens.add(example.path(piece.start() + i).intValue());
            }
        }
        return tokens;
    }

    private static int[] lengths() {
        return GOLDEN.path("examples").valueStream().mapToInt(JsonNode::size).toArray();
    }

    private static List<List<Integer>> ints(JsonNode rows) {
        return rows.valueStream()
                .map(row -> row.valueStream().map(JsonNode::intValue).toList())
                .toList();
    }
}
