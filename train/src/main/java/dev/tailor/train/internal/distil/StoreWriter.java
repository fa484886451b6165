package dev.tailor.train.internal.distil;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.ScoredStates;
import dev.tailor.train.distillation.StoreHeader;
import dev.tailor.train.distillation.TopTokens;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.TokenFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/// Asks a teacher about a data set and writes what it says, part by part: a run that was stopped or
/// killed goes on after the last part that is whole.
///
/// @param header of the store; its numbers of sequences, positions and parts do not count yet
/// @param done hears how many sequences are done
public record StoreWriter(
        CausalModel teacher,
        TokenFile tokens,
        StoreHeader header,
        Sizes sizes,
        IntConsumer done,
        Cancellation cancellation) {
    /// How much is done at once.
    ///
    /// @param pass positions that the teacher reads, unless a sequence is longer
    /// @param part learnt positions of a part, about
    public record Sizes(int pass, int part) {
        /// Parts of some megabytes: half a minute's work.
        private static final int PART = 1 << 15;

        /// Sizes for a machine that can hold so many positions.
        public static Sizes of(int pass) {
            return new Sizes(pass, PART);
        }
    }

    /// Writes the store into a directory that appears when it is complete.
    public void write(Path directory) {
        AtomicWrite.resumableDirectory(
                directory,
                true,
                path -> {
                    deleteHalves(path);
                    int parts = 0;
                    long positions = 0;
                    for (int from = 0; from < tokens.sequences(); parts++) {
                        int to = partEnd(from);
                        positions += part(path, parts, from, to);
                        done.accept(to);
                        from = to;
                    }
                    StoreHeader complete =
                            new StoreHeader(
                                    header.teacher(),
                                    header.computed(),
                                    header.tokenizer(),
                                    header.tokens(),
                                    header.vocabulary(),
                                    header.top(),
                                    header.temperature(),
                                    header.precision(),
                                    tokens.sequences(),
                                    positions,
                                    parts);
                    AtomicWrite.text(path.resolve(StoreHeader.FILE), complete.json());
                });
    }

    /// What a kill in the middle of a part has left.
    private static void deleteHalves(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            files.filter(file -> file.getFileName().toString().startsWith("."))
                    .forEach(AtomicWrite::deleteTree);
        }
    }

    /// Where a part ends that begins with a sequence: the same in every attempt.
    private int partEnd(int from) {
        int to = from;
        for (int positions = 0; to < tokens.sequences() && positions < sizes.part(); to++) {
            positions += tokens.sequence(to).trainedTokens();
        }
        return to;
    }

    /// Writes a part unless it is there; returns its positions.
    private long part(Path store, int number, int from, int to) {
        Optional<Long> known = known(store, number, from, to);
        if (known.isPresent()) {
            return known.get();
        }
        List<TopTokens> rows = new ArrayList<>();
        for (int first = from; first < to; ) {
            cancellation.check();
            int last = passEnd(first, to);
            int[] sequences = new int[last - first];
            int start = first;
            Arrays.setAll(sequences, i -> start + i);
            rows.addAll(ask(MicroBatch.of(tokens, sequences)));
            first = last;
        }
        PartFile.write(store, number, from, header, rows);
        return rows.stream().mapToLong(TopTokens::positions).sum();
    }

    private Optional<Long> known(Path store, int number, int from, int to) {
        if (!Files.exists(PartFile.path(store, number))) {
            return Optional.empty();
        }
        try (PartFile part = PartFile.open(store, number, header)) {
            return part.firstSequence() == from && part.sequences() == to - from
                    ? Optional.of(part.positions())
                    : Optional.empty();
        } catch (TailorException e) {
            return Optional.empty();
        }
    }

    private int passEnd(int from, int to) {
        int end = from + 1;
        int positions = tokens.length(from) - 1;
        while (end < to && positions + tokens.length(end) - 1 <= sizes.pass()) {
            positions += tokens.length(end) - 1;
            end++;
        }
        return end;
    }

    private List<TopTokens> ask(MicroBatch batch) {
        int[] targets = batch.batch().targets();
        int[] lengths = batch.batch().segmentLengths();
        List<TopTokens> rows = new ArrayList<>();
        LikeliestTokens.Row[] places = new LikeliestTokens.Row[targets.length];
        float[][] rests = new float[targets.length][];
        int[] indices = new int[targets.length];
        int at = 0;
        for (int length : lengths) {
            int end = at + length;
            int scored = (int) Arrays.stream(targets, at, end).filter(t -> t >= 0).count();
            TopTokens sequence = empty(scored);
            rows.add(sequence);
            int row = 0;
            for (; at < end; at++) {
                if (targets[at] >= 0) {
                    places[at] =
                            new LikeliestTokens.Row(
                                    sequence.ids(), sequence.logProbs(), row * header.top());
                    rests[at] = sequence.logRest();
                    indices[at] = row++;
                }
            }
        }
        try (ScoredStates states = teacher.states(batch.batch(), Set.of())) {
            states.read(
                    Optional.empty(),
                    (position, logits, none) ->
                            rests[position][indices[position]] =
                                    new LikeliestTokens(header.top())
                                            .of(
                                                    logits,
                                                    header.vocabulary(),
                                                    header.temperature(),
                                                    places[position]));
        }
        rows.forEach(StoreWriter::requireNumbers);
        return rows;
    }

    private static void requireNumbers(TopTokens rows) {
        for (float logProb : rows.logProbs()) {
            if (Float.isNaN(logProb)) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID, "the teacher's logits are no numbers")
                        .remedy("check its weights, or let it compute in float32");
            }
        }
    }

    private TopTokens empty(int positions) {
        if (PartFile.codec(header).bytes(positions) > RowCodec.MOST_BYTES) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "%d tokens at each of %d positions are too many for one sequence"
                                    .formatted(header.top(), positions))
                    .remedy("list fewer tokens, or shorten the sequences");
        }
        int count = positions * header.top();
        return new TopTokens(header.top(), new int[count], new float[count], new float[positions]);
    }
}
