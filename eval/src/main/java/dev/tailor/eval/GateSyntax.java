package dev.tailor.eval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads requirements: `comparison bound [significantly] [and ...]`, where a bound is a number, or
/// a model's name with a number added or taken off.
final class GateSyntax {
    private static final Pattern COMPARISON = Pattern.compile(">=|<=|>|<");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][\\w./-]*");
    private static final Pattern SIGN = Pattern.compile("[+-]");
    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?");
    private static final String SIGNIFICANTLY = "significantly";
    private static final String AND = "and";

    private final String path;
    private final String text;
    private final Optional<IntFunction<Object>> place;
    private int at;

    GateSyntax(String path, String text, Optional<IntFunction<Object>> place) {
        this.path = path;
        this.text = text;
        this.place = place;
    }

    List<Gate> gates() {
        List<Gate> gates = new ArrayList<>();
        do {
            gates.add(gate());
        } while (word(AND));
        if (at < text.length()) {
            throw invalid("'and' or the end is expected");
        }
        return gates;
    }

    private Gate gate() {
        skipSpace();
        int from = at;
        Gate.Comparison comparison =
                switch (next(COMPARISON).orElse("")) {
                    case ">=" -> Gate.Comparison.AT_LEAST;
                    case "<=" -> Gate.Comparison.AT_MOST;
                    case ">" -> Gate.Comparison.ABOVE;
                    case "<" -> Gate.Comparison.BELOW;
                    default -> throw invalid("one of >=, <=, >, < is expected");
                };
        int modelAt = at;
        Optional<String> model = next(NAME);
        double offset = model.isEmpty() ? number() : offset();
        if (model.isPresent() && (model.get().equals(SIGNIFICANTLY) || model.get().equals(AND))) {
            at = modelAt;
            throw invalid("a number or a model is expected");
        }
        boolean significantly = word(SIGNIFICANTLY);
        return new Gate(
                path,
                comparison,
                model.orElse(""),
                modelAt,
                offset,
                significantly,
                text.substring(from, at).strip());
    }

    private double offset() {
        Optional<String> sign = next(SIGN);
        if (sign.isEmpty()) {
            return 0;
        }
        return sign.get().equals("-") ? -number() : number();
    }

    private double number() {
        int from = at;
        Optional<String> digits = next(NUMBER);
        try {
            return Double.parseDouble(
                    digits.orElseThrow(() -> invalid("a number or a model is expected")));
        } catch (NumberFormatException e) {
            at = from;
            throw invalid("this is no number");
        }
    }

    private boolean word(String word) {
        int from = at;
        if (next(NAME).filter(word::equals).isPresent()) {
            return true;
        }
        at = from;
        return false;
    }

    private Optional<String> next(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) {
            return Optional.empty();
        }
        at = matcher.end();
        skipSpace();
        return Optional.of(matcher.group());
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private TailorException invalid(String expected) {
        TailorException error =
                TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "not a requirement: '"
                                        + text
                                        + "': "
                                        + expected
                                        + " at character "
                                        + (at + 1))
                        .remedy(
                                "write for example '>= 0.5', '>= base + 0.2' or"
                                        + " '> release significantly'");
        return place.isPresent() ? error.at(place.get().apply(at)) : error;
    }
}
