package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class DecodingSessionTest {
    private static final int[] TOKENS =
            IntStream.range(0, 90).map(i -> 3 + (i * 37) % 89).toArray();

    /// Families whose attention has windows, caps, scales or fused projections.
    static Stream<Path> models() {
        return Stream.of("llama", "families/gemma2", "families/gemma3_text", "families/phi3")
                .map(Golden::path);
    }

    @ParameterizedTest
    @MethodSource("models")
    void step_anyCutOfASequence_givesTheLogitsOfTheWhole(Path directory) {
        try (CausalModel model = CausalModel.load(directory, Precision.FLOAT32);
                DecodingSession session = new DecodingSession(model, 256)) {
            float[] whole = model.logits(PackedBatch.nextToken(List.of(TOKENS)), 0, TOKENS.length);
            int vocabulary = model.config().vocabularySize();
            float[] pieced = new float[whole.length];

            CachedSequence sequence = session.open();
            for (int cut : List.of(33, 34, 61, 62, TOKENS.length)) {
                int start = sequence.length();
                assertThat(sequence.reserve(cut)).isTrue();
                session.step(
                        List.of(
                                new SequencePiece(
                                        sequence,
                                        Arrays.copyOfRange(TOKENS, start, cut),
                                        TOKENS.length,
                                        0)),
                        (piece, position, logits) ->
                                System.arraycopy(
                                        logits,
                                        0,
                                        pieced,
                                        (start + position) * vocabulary,
                                        vocabulary));
            }

            assertThat(Differences.largest(pieced, whole)).isLessThan(2e-4);
        }
    }

    @Test
    void step_piecesOfAllKindsTogether_areAsAlone() {
        try (CausalModel model = CausalModel.load(Golden.path("llama"), Precision.FLOAT32);
                DecodingSession session = new DecodingSession(model, 1024)) {
            List<CachedSequence> sequences = new ArrayList<>();
            List<SequencePiece> pieces = new ArrayList<>();
            int[] begun = {0, 40, 0, 12, 33, 0};
            int[] ends = {20, 41, 1, 50, 34, 70};
            for (int i = 0; i < begun.length; i++) {
                CachedSequence sequence = session.open();
                assertThat(sequence.reserve(ends[i])).isTrue();
                if (begun[i] > 0) {
                    session.step(List.of(piece(sequence, i, begun[i])), (p, t, logits) -> {});
                }
                sequences.add(sequence);
                pieces.add(piece(sequence, i, ends[i]));
            }
            float[][] together = new float[begun.length][];
            session.step(pieces, (piece, position, logits) -> together[piece] = logits.clone());

            for (int i = 0; i < begun.length; i++) {
                assertThat(sequences.get(i).length()).isEqualTo(ends[i]);
                float[] alone =
                        model.logits(
                                PackedBatch.nextToken(List.of(tokens(i, 0, ends[i]))),
                                ends[i] - 1,
                                ends[i]);
                assertThat(Differences.largest(together[i], alone)).isLessThan(2e-4);
            }
        }
    }

    private static SequencePiece piece(CachedSequence sequence, int shift, int end) {
        int[] tokens = tokens(shift, sequence.length(), end);
        return new SequencePiece(sequence, tokens, end, tokens.length - 1);
    }

    private static int[] tokens(int shift, int from, int to) {
        return IntStream.range(from, to).map(i -> TOKENS[(i + shift * 7) % 90]).toArray();
    }

    @Test
    void sequence_withABeginningThatWasShared_takesItsWholePages() {
        try (CausalModel model = CausalModel.load(Golden.path("llama"), Precision.FLOAT32);
                DecodingSession session = new DecodingSession(model, 128)) {
            try (CachedSequence first = session.open()) {
                assertThat(first.reserve(80)).isTrue();
                session.step(List.of(piece(first, 0, 80)), (piece, position, logits) -> {});
                first.share(TOKENS);
            }
            assertThat(session.roomInUse()).isZero();

            CachedSequence second = session.open();
            second.reuse(TOKENS);
            assertThat(second.length()).isEqualTo(64);
            assertThat(second.reserve(90)).isTrue();
            float[] last = new float[model.config().vocabularySize()];
            session.step(
                    List.of(piece(second, 0, 90)),
                    (piece, position, logits) -> System.arraycopy(logits, 0, last, 0, last.length));

            float[] whole = model.logits(PackedBatch.nextToken(List.of(TOKENS)), 89, 90);
            assertThat(Differences.largest(last, whole)).isLessThan(2e-4);
            CachedSequence other = session.open();
            other.reuse(tokens(1, 0, 90));
            assertThat(other.length()).isZero();
        }
    }

    @Test
    void reserve_moreThanThereIs_isRefusedUntilASequenceCloses() {
        try (CausalModel model = CausalModel.load(Golden.path("llama"), Precision.FLOAT32);
                DecodingSession session = new DecodingSession(model, 100)) {
            assertThat(session.room()).isEqualTo(128);
            CachedSequence first = session.open();
            CachedSequence second = session.open();
            assertThat(first.reserve(96)).isTrue();
            assertThat(second.reserve(33)).isFalse();
            assertThat(second.reserve(32)).isTrue();
            session.step(List.of(piece(first, 0, 96)), (piece, position, logits) -> {});
            first.share(tokens(0, 0, 96));
            assertThat(second.reserve(64)).isFalse();
            first.close();
            // What was remembered of the first goes where there is no other room.
            assertThat(second.reserve(128)).isTrue();
            assertThat(session.roomInUse()).isEqualTo(128);
        }
    }

    @Test
    void step_sequencesOfSeveralAdapters_areEachAsWithTheirOwn() {
        try (CausalModel model = CausalModel.load(Golden.path("llama"), Precision.FLOAT32);
                CausalModel tuned = CausalModel.load(Golden.path("llama"), Precision.FLOAT32)) {
            List<String> names = List.of("lora", "lora_rslora", "lora_attn_rankpattern");
            List<float[]> expected = new ArrayList<>(List.of(last(model)));
            for (String name : names) {
                tuned.loadAdapter(Golden.path(name), false);
                expected.add(last(tuned));
                tuned.removeAdapter();
            }
            float[][] first = new float[8][];
            float[][] second = new float[8][];
            try (DecodingSession session = new DecodingSession(model, 1024)) {
                names.forEach(name -> session.addAdapter(Golden.path(name)));
                List<CachedSequence> sequences =
                        IntStream.range(0, 8).mapToObj(i -> session.open(i % 4)).toList();
                assertThat(sequences).allMatch(sequence -> sequence.reserve(90));
                session.step(
                        sequences.stream().map(s -> piece(s, 0, 89)).toList(),
                        (piece, position, logits) -> first[piece] = logits.clone());
                session.step(
                        sequences.stream().map(s -> piece(s, 0, 90)).toList(),
                        (piece, position, logits) -> second[piece] = logits.clone());
            }
            for (int i = 0; i < 8; i++) {
                assertThat(Differences.largest(second[i], expected.get(i % 4))).isLessThan(2e-4);
            }
            assertThat(Differences.largest(first[0], first[1])).isGreaterThan(1e-3);
            assertThat(Differences.largest(last(model), expected.getFirst())).isZero();
        }
    }

    private static float[] last(CausalModel model) {
        return model.logits(PackedBatch.nextToken(List.of(TOKENS)), 89, 90);
    }

    @Test
    void addAdapter_thatIsMoreThanMatrices_isRefusedAndChangesNothing() {
        try (CausalModel model = CausalModel.load(Golden.path("llama"), Precision.FLOAT32);
                DecodingSession session = new DecodingSession(model, 64)) {
            float[] before = last(model);
            assertThatThrownBy(() -> session.addAdapter(Golden.path("lora_dora")))
                    .isInstanceOf(TailorException.class)
                    .hasMessageContaining("DoRA");
            assertThat(last(model)).isEqualTo(before);
        }
    }
}
