package dev.tailor.text;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.internal.tokenizer.ByteAlphabet;
import dev.tailor.text.internal.tokenizer.PairMerger;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;

/// Learns a byte-level BPE tokenizer from text (Sennrich, Haddow, Birch 2016; bytes as in GPT-2):
/// again and again the most frequent pair of neighbours becomes a token. Give it the texts with
/// [#add], then call [#train]. The result depends on the texts alone, not on their order: pairs of
/// equal frequency are merged lowest ids first. Memory grows with the number of distinct words.
public final class BpeTrainer {
    private final BpeSettings settings;
    private final Map<String, Count> words = new HashMap<>();

    private static final class Count {
        long times;
    }

    public BpeTrainer(BpeSettings settings) {
        this.settings = settings;
    }

    /// Counts the words of one text.
    public void add(String text) {
        Matcher matcher = settings.split().pattern().matcher(text);
        while (matcher.find()) {
            words.computeIfAbsent(matcher.group(), word -> new Count()).times++;
        }
    }

    /// Learns from all the texts added so far.
    ///
    /// @throws TailorException `DATA_INVALID` if there was no text, `INTERRUPTED` on request
    public BpeVocabulary train(Cancellation cancellation) {
        if (words.isEmpty()) {
            throw TailorException.of(
                    ErrorCode.DATA_INVALID, "there is no text to learn a tokenizer from");
        }
        ByteAlphabet alphabet = ByteAlphabet.standard();
        int firstByte = settings.specialTokens().size();
        int[][] symbols = new int[words.size()][];
        long[] counts = new long[words.size()];
        int index = 0;
        for (Map.Entry<String, Count> word : words.entrySet()) {
            symbols[index] = alphabet.ranks(word.getKey());
            for (int i = 0; i < symbols[index].length; i++) {
                symbols[index][i] += firstByte;
            }
            counts[index++] = word.getValue().times;
        }
        BpeVocabulary vocabulary = new BpeVocabulary(settings, alphabet.characters());
        PairMerger merger = new PairMerger(symbols, counts);
        while (vocabulary.size() < settings.vocabularySize()) {
            cancellation.check();
            PairMerger.Pair best = merger.best();
            if (best == null || best.count() < Math.max(1, settings.minFrequency())) {
                break;
            }
            merger.merge(best, vocabulary.merge(best.left(), best.right()));
        }
        return vocabulary;
    }
}
