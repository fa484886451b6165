package dev.tailor.train.internal.batch;

import dev.tailor.core.Seed;
import dev.tailor.data.Origin;
import dev.tailor.data.Sample.Augmented;
import dev.tailor.train.Augmentation;
import dev.tailor.train.ChainSummary;
import dev.tailor.train.internal.augment.ChainText;
import dev.tailor.train.internal.augment.Layout;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Gathers texts with questions and answers into chains of one source, each of which is learnt as
/// one sequence that fits into a row. What comes out is a function of the texts in their order and
/// the seed.
///
/// A chain whose last texts do not fit ends before them; they begin the next one. Of a text that is
/// too long even alone, the last questions are left out; if not one fits, the text is learnt as raw
/// text, in pieces.
final class ChainEncoder {
    /// Sources that may be gathered at a time; beyond that, the one that waits longest ends early.
    private static final int OPEN_SOURCES = 1024;

    private final Augmentation augmentation;
    private final PlainText text;
    private final int positions;
    private final Seed seed;
    private final Sink sink;
    private final SequencedMap<String, List<Augmented>> waiting = new LinkedHashMap<>();
    private long drawn;
    private long chains;
    private long texts;
    private long pairs;
    private long shortened;
    private long pairsLeftOut;

    /// Receives what a chain became; `origin` is where its first text comes from.
    interface Sink {
        void add(Origin origin, Encoded encoded);
    }

    /// @param positions positions a row has
    ChainEncoder(Augmentation augmentation, PlainText text, int positions, Seed seed, Sink sink) {
        this.augmentation = augmentation;
        this.text = text;
        this.positions = positions;
        this.seed = seed;
        this.sink = sink;
    }

    /// Takes a text; chains that are complete go to the sink.
    void add(Augmented sample) {
        String source = sample.source().orElse(sample.origin().file().toString());
        List<Augmented> queue = waiting.computeIfAbsent(source, any -> new ArrayList<>());
        // A data set of a higher weight begins anew: nothing stands twice in a chain.
        if (queue.stream().anyMatch(other -> other.origin().equals(sample.origin()))) {
            drain(queue);
        }
        queue.add(sample);
        if (queue.size() == augmentation.shots()) {
            encode(queue);
        }
        if (queue.isEmpty()) {
            waiting.remove(source);
        } else if (waiting.size() > OPEN_SOURCES) {
            drain(waiting.pollFirstEntry().getValue());
        }
    }

    /// Ends the chains that have begun.
    void finish() {
        waiting.values().forEach(this::drain);
        waiting.clear();
    }

    /// What became of the texts so far.
    ChainSummary summary() {
        return new ChainSummary(chains, texts, pairs, shortened, pairsLeftOut);
    }

    private void drain(List<Augmented> queue) {
        while (!queue.isEmpty()) {
            encode(queue);
        }
    }

    /// Makes one chain of as many texts as fit, at least one, and takes them from the queue.
    private void encode(List<Augmented> queue) {
        ChainText writer = new ChainText(layout(queue));
        for (int count = queue.size(); count > 0; count--) {
            List<Augmented> chain = List.copyOf(queue.subList(0, count));
            Optional<Sequence> sequence = fitting(writer, chain);
            if (sequence.isPresent()) {
                shortened += count < queue.size() ? 1 : 0;
                queue.subList(0, count).clear();
                take(chain, sequence.get(), false);
                return;
            }
        }
        alone(queue.removeFirst(), writer);
    }

    private Layout layout(List<Augmented> queue) {
        return augmentation.varied()
                ? Layout.draw(seed.of("chain", drawn++).generator(), queue)
                : Layout.PLAIN;
    }

    private Optional<Sequence> fitting(ChainText writer, List<Augmented> chain) {
        return Optional.of(text.document(writer.of(chain)))
                .filter(sequence -> sequence.tokens().length <= positions + 1);
    }

    private void take(List<Augmented> chain, Sequence sequence, boolean truncated) {
        chains++;
        texts += chain.size();
        chain.forEach(sample -> pairs += sample.pairs().size());
        sink.add(chain.getFirst().origin(), Encoded.of(List.of(sequence), truncated));
    }

    /// A text that does not fit with all of its questions.
    private void alone(Augmented sample, ChainText writer) {
        int all = sample.pairs().size();
        for (int kept = all - 1; kept > 0; kept--) {
            Augmented less =
                    new Augmented(
                            sample.origin(),
                            sample.text(),
                            sample.pairs().subList(0, kept),
                            sample.source());
            Optional<Sequence> sequence = fitting(writer, List.of(less));
            if (sequence.isPresent()) {
                pairsLeftOut += all - kept;
                take(List.of(less), sequence.get(), true);
                return;
            }
        }
        pairsLeftOut += all;
        sink.add(
                sample.origin(),
                Encoded.of(Cut.pieces(text.document(sample.text()), positions), true));
    }
}
