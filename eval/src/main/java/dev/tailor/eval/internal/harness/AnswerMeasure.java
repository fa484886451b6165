package dev.tailor.eval.internal.harness;

import dev.tailor.eval.internal.AnswerMatch;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How good an answer is, from 0 to 1: the metrics of LoRA Land (arXiv 2405.00732), which forgive
/// what an untuned model says around its answer.
public enum AnswerMeasure {
    /// F1 by the longest common subsequence of words.
    ROUGE_L("rouge_l", AnswerMatch::rougeL),
    /// The same text but for case and dots at the ends, or the same number.
    ACCURACY("accuracy", AnswerMeasure::accuracy),
    /// The same truth value, whichever of its words is found.
    BINARY_ACCURACY("binary_accuracy", AnswerMeasure::binary),
    /// As [#ACCURACY], or a digit from 0 to 3 is in both.
    DIGIT_ACCURACY("digit_accuracy", AnswerMeasure::digit),
    /// As [#ACCURACY], or the reference stands in the answer.
    CONTAINS("contains", AnswerMeasure::contains),
    /// The same last number.
    NUMBER_ACCURACY("number_accuracy", AnswerMeasure::lastNumber),
    /// One minus a fifth of the distance between two scores from 0 to 5; never below 0.
    SIMILARITY("similarity", AnswerMeasure::similarity),
    /// ROUGE-L; a whole number is read as its words, the spans of a printed array as their text.
    SPELLED_ROUGE_L("spelled_rouge_l", AnswerMeasure::spelled),
    /// ROUGE-L; a number stands for that class of DBpedia.
    DBPEDIA_ROUGE_L("dbpedia_rouge_l", AnswerMeasure::dbpedia);

    private static final List<String> DBPEDIA_CLASSES =
            List.of(
                    "Company",
                    "EducationalInstitution",
                    "Artist",
                    "Athlete",
                    "OfficeHolder",
                    "MeanOfTransportation",
                    "Building",
                    "NaturalPlace",
                    "Village",
                    "Animal",
                    "Plant",
                    "Album",
                    "Film",
                    "WrittenWork");

    /// Words of truth in the order they are looked for.
    private static final List<String> TRUTHS =
            List.of("1", "0", "yes", "no", "true", "false", "positive", "negative");

    private static final Pattern NUMBER = Pattern.compile("-?[$0-9.,]{2,}|-?[0-9]+");
    private static final Pattern SCORE = Pattern.compile("[0-9]+(?:\\.[0-9]+)?");
    private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]{1,15}");
    private static final Pattern PRINTED_SPANS = Pattern.compile("(?s).*?\\[['\"](.*?)['\"]\\].*");

    private final String id;
    private final ToDoubleBiFunction<String, String> measure;

    AnswerMeasure(String id, ToDoubleBiFunction<String, String> measure) {
        this.id = id;
        this.measure = measure;
    }

    /// The name in task files and results.
    public String id() {
        return id;
    }

    /// The measure of a name.
    public static Optional<AnswerMeasure> of(String id) {
        return Arrays.stream(values()).filter(each -> each.id.equals(id)).findFirst();
    }

    /// How good an answer is, from 0 to 1.
    public double of(String answer, String reference) {
        return measure.applyAsDouble(answer.strip(), reference.strip());
    }

    private static double accuracy(String answer, String reference) {
        if (bare(answer).equals(bare(reference))) {
            return 1;
        }
        OptionalDouble one = number(answer);
        OptionalDouble other = number(reference);
        return one.isPresent() && other.isPresent() && one.getAsDouble() == other.getAsDouble()
                ? 1
                : 0;
    }

    private static String bare(String text) {
        return text.replaceAll("^\\.+|\\.+$", "").strip().toLowerCase(Locale.ROOT);
    }

    private static double binary(String answer, String reference) {
        Optional<Boolean> truth = truth(answer);
        return truth.isPresent() && truth.equals(truth(reference)) ? 1 : 0;
    }

    private static Optional<Boolean> truth(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        for (int i = 0; i < TRUTHS.size(); i++) {
            if (lower.contains(TRUTHS.get(i))) {
                return Optional.of(i % 2 == 0);
            }
        }
        return Optional.empty();
    }

    private static double digit(String answer, String reference) {
        boolean shared =
                "0123".chars().anyMatch(c -> answer.indexOf(c) >= 0 && reference.indexOf(c) >= 0);
        return shared ? 1 : accuracy(answer, reference);
    }

    private static double contains(String answer, String reference) {
        String wanted = reference.toLowerCase(Locale.ROOT);
        boolean inside = !wanted.isEmpty() && answer.toLowerCase(Locale.ROOT).contains(wanted);
        return inside ? 1 : accuracy(answer, reference);
    }

    private static double lastNumber(String answer, String reference) {
        OptionalDouble found = lastNumber(answer);
        OptionalDouble wanted = lastNumber(reference);
        return found.isPresent()
                        && wanted.isPresent()
                        && found.getAsDouble() == wanted.getAsDouble()
                ? 1
                : 0;
    }

    private static OptionalDouble lastNumber(String text) {
        String last = "";
        for (Matcher numbers = NUMBER.matcher(text); numbers.find(); ) {
            last = numbers.group();
        }
        return number(last.replaceAll("^[$.]+|[$.]+$", "").replace(",", ""));
    }

    private static double similarity(String answer, String reference) {
        OptionalDouble found = score(answer);
        OptionalDouble wanted = score(reference);
        if (found.isEmpty() || wanted.isEmpty()) {
            return 0;
        }
        return Math.max(0, 1 - Math.abs(found.getAsDouble() - wanted.getAsDouble()) / 5);
    }

    /// The text as a number, else the first number in it, if that is a score.
    private static OptionalDouble score(String text) {
        OptionalDouble whole = number(text);
        if (whole.isPresent()) {
            return whole;
        }
        Matcher first = SCORE.matcher(text);
        OptionalDouble score = first.find() ? number(first.group()) : OptionalDouble.empty();
        return score.isPresent() && score.getAsDouble() <= 5 ? score : OptionalDouble.empty();
    }

    private static double spelled(String answer, String reference) {
        return AnswerMatch.rougeL(inWords(answer), inWords(reference));
    }

    private static String inWords(String text) {
        Matcher printed = PRINTED_SPANS.matcher(text);
        String span = text.startsWith("{'spans'") && printed.matches() ? printed.group(1) : text;
        return WHOLE.matcher(span).matches() ? NumberWords.of(Long.parseLong(span)) : span;
    }

    private static double dbpedia(String answer, String reference) {
        return AnswerMatch.rougeL(dbpediaClass(answer), dbpediaClass(reference));
    }

    private static String dbpediaClass(String text) {
        OptionalDouble index =
                WHOLE.matcher(text).matches() ? number(text) : OptionalDouble.empty();
        return index.isPresent()
                        && index.getAsDouble() >= 0
                        && index.getAsDouble() < DBPEDIA_CLASSES.size()
                ? DBPEDIA_CLASSES.get((int) index.getAsDouble())
                : text;
    }

    private static OptionalDouble number(String text) {
        try {
            return text.matches("[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
                    ? OptionalDouble.of(Double.parseDouble(text))
                    : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }
}
