package dev.tailor.eval.internal.ifeval;

import java.util.ArrayList;
import java.util.List;

/// Splits English text into sentences with Punkt (Kiss and Strunk, "Unsupervised Multilingual
/// Sentence Boundary Detection", Computational Linguistics 32(4), 2006), with the model and in the
/// details of NLTK 3.10, which the reference counts sentences with. No library for Java offers
/// Punkt; OpenNLP's and ICU's splitters disagree with it on abbreviations, lists and quotes.
///
/// The time is linear in the length of the text.
final class SentenceSplitter {
    /// Marks that belong to the sentence before them when they follow its end.
    private static final String CLOSING = "\"')]}‘’“”«»";

    private static final String PUNCTUATION = ";:,.!?";

    private final PunktParameters parameters;

    private SentenceSplitter(PunktParameters parameters) {
        this.parameters = parameters;
    }

    private static final class English {
        private static final SentenceSplitter SPLITTER =
                new SentenceSplitter(PunktParameters.english());
    }

    /// The splitter for English; its model is read when it is first asked for.
    static SentenceSplitter english() {
        return English.SPLITTER;
    }

    private record Slice(int from, int to) {
        boolean isEmpty() {
            return to <= from;
        }
    }

    /// A mark that may end a sentence.
    ///
    /// @param wordFrom where the word before it begins
    /// @param at the mark
    /// @param next where the next word begins if white space follows, else -1
    /// @param contextTo the end of what is looked at
    private record Candidate(int wordFrom, int at, int next, int contextTo) {}

    /// The sentences of a text.
    List<String> sentences(String text) {
        return realigned(text, slices(text)).stream()
                .map(slice -> text.substring(slice.from(), slice.to()))
                .toList();
    }

    private List<Slice> slices(String text) {
        List<Slice> slices = new ArrayList<>();
        int from = 0;
        for (Candidate candidate : candidates(text)) {
            if (breaks(text.substring(candidate.wordFrom(), candidate.contextTo()))) {
                slices.add(new Slice(from, candidate.at() + 1));
                from = candidate.next() >= 0 ? candidate.next() : candidate.at() + 1;
            }
        }
        int end = text.length();
        while (end > 0 && PythonText.isSpace(text.charAt(end - 1))) {
            end--;
        }
        slices.add(new Slice(from, end));
        return slices;
    }

    /// Of marks that belong to one word, the last: `acting!!! I` is one candidate.
    private static List<Candidate> candidates(String text) {
        List<Candidate> candidates = new ArrayList<>();
        int previousFrom = 0;
        int previousTo = 0;
        for (int at = 0; at < text.length(); at++) {
            if (!endsSentence(text.charAt(at)) || at + 1 >= text.length()) {
                continue;
            }
            char after = text.charAt(at + 1);
            int next = -1;
            int contextTo = at + 2;
            if (PythonText.isSpace(after)) {
                next = PythonText.skipSpace(text, at + 1);
                contextTo = PythonText.skipNonSpace(text, next);
                if (next == text.length()) {
                    break;
                }
            } else if (!PunktWords.endsWord(after)) {
                continue;
            }
            int wordFrom = afterLastBlank(text, previousTo, at);
            if (wordFrom < 0) {
                wordFrom = previousFrom;
            }
            if (!candidates.isEmpty() && previousTo > wordFrom) {
                candidates.removeLast();
            }
            candidates.add(new Candidate(wordFrom, at, next, contextTo));
            previousFrom = wordFrom;
            previousTo = at;
        }
        return candidates;
    }

    /// The index after the last ASCII white space in `[from + 1, to)`, or -1. White space at `from`
    /// itself does not count, as it does not in NLTK.
    private static int afterLastBlank(String text, int from, int to) {
        for (int i = to - 1; i > from; i--) {
            char c = text.charAt(i);
            if (c == ' ' || (c >= '\t' && c <= '\r')) {
                return i + 1;
            }
        }
        return -1;
    }

    private static boolean endsSentence(char c) {
        return c == '.' || c == '?' || c == '!';
    }

    /// Whether a sentence ends within a word and what follows it.
    private boolean breaks(String context) {
        List<PunktToken> tokens = PunktWords.tokens(context);
        tokens.forEach(this::markByType);
        for (int i = 0; i + 1 < tokens.size(); i++) {
            markByContext(tokens.get(i), tokens.get(i + 1));
            if (tokens.get(i).breaksSentence) {
                return true;
            }
        }
        return false;
    }

    /// The decision by the word alone (section 3 of the paper).
    private void markByType(PunktToken token) {
        String text = token.text;
        if (text.length() == 1 && endsSentence(text.charAt(0))) {
            token.breaksSentence = true;
        } else if (token.endsWithPeriod() && !text.endsWith("..")) {
            String word =
                    token.text.substring(0, text.length() - 1).toLowerCase(java.util.Locale.ROOT);
            token.isAbbreviation =
                    parameters.abbreviations().contains(word)
                            || parameters
                                    .abbreviations()
                                    .contains(word.substring(word.lastIndexOf('-') + 1));
            token.breaksSentence = !token.isAbbreviation;
        }
    }

    /// The decision by the word that follows (section 4 of the paper).
    private void markByContext(PunktToken token, PunktToken next) {
        if (!token.endsWithPeriod()) {
            return;
        }
        String type = token.typeWithoutPeriod();
        String nextType = next.typeWithoutSentencePeriod();
        if (parameters.collocations().contains(type + "\t" + nextType)) {
            token.breaksSentence = false;
            token.isAbbreviation = true;
            return;
        }
        boolean initial = token.isInitial();
        Start start = start(next);
        if ((token.isAbbreviation || token.isEllipsis()) && !initial) {
            boolean frequentStarter =
                    next.startsUpper() && parameters.sentenceStarters().contains(nextType);
            if (start == Start.YES || frequentStarter) {
                token.breaksSentence = true;
                return;
            }
        }
        if (initial || token.isNumber()) {
            boolean alwaysUpper =
                    start == Start.UNKNOWN
                            && initial
                            && next.startsUpper()
                            && !parameters.seenLower(nextType);
            if (start == Start.NO || alwaysUpper) {
                token.breaksSentence = false;
                token.isAbbreviation = true;
            }
        }
    }

    private enum Start {
        YES,
        NO,
        UNKNOWN
    }

    /// Whether a token begins a sentence, by how it is written (section 4.1.1 of the paper).
    private Start start(PunktToken token) {
        if (token.text.length() == 1 && PUNCTUATION.contains(token.text)) {
            return Start.NO;
        }
        String type = token.typeWithoutSentencePeriod();
        if (token.startsUpper()
                && parameters.seenLower(type)
                && !parameters.seenUpperInside(type)) {
            return Start.YES;
        }
        if (token.startsLower()
                && (parameters.seenUpper(type) || !parameters.seenLowerAtStart(type))) {
            return Start.NO;
        }
        return Start.UNKNOWN;
    }

    /// Gives quotes and brackets that follow an end to the sentence they close.
    private static List<Slice> realigned(String text, List<Slice> slices) {
        List<Slice> sentences = new ArrayList<>();
        int shift = 0;
        for (int i = 0; i < slices.size(); i++) {
            Slice slice = new Slice(slices.get(i).from() + shift, slices.get(i).to());
            shift = 0;
            if (i + 1 < slices.size()) {
                Slice next = slices.get(i + 1);
                int marks = closingMarks(text, next);
                if (marks > next.from()) {
                    sentences.add(new Slice(slice.from(), marks));
                    int rest = PythonText.skipSpace(text, marks);
                    shift = Math.min(rest, Math.max(next.to(), marks)) - next.from();
                    continue;
                }
            }
            if (!slice.isEmpty()) {
                sentences.add(slice);
            }
        }
        return sentences;
    }

    /// The end of the closing marks that a slice begins with; its beginning if there are none.
    private static int closingMarks(String text, Slice slice) {
        for (int i = slice.from(); i < slice.to() && CLOSING.indexOf(text.charAt(i)) >= 0; i++) {
            boolean atEnd = i + 1 == slice.to();
            if (atEnd
                    || PythonText.isSpace(text.charAt(i + 1))
                    || (text.startsWith("--", i + 1) && i + 2 < slice.to())) {
                return i + 1;
            }
        }
        return slice.from();
    }
}
