package dev.tailor.data;

import dev.tailor.text.LossWeights;
import dev.tailor.text.LossWeights.Part;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// The weights that a message gives itself and parts of its content, in the ways data sets write
/// them: `weight` (OpenAI, Mistral), `train` (axolotl), `loss` (ms-swift), `masked` (torchtune) and
/// `mask`; `spans` of code points; a `weight` on parts of the content.
final class WeightFields {
    /// Words for what is learnt, by whether true means learnt.
    private static final Map<String, Boolean> SWITCHES =
            Map.of("train", true, "loss", true, "mask", false, "masked", false);

    private static final String RANGE =
            "a weight is 0, or a number from 0.000001 to 1000000 (1 is usual, 0 is not learnt)";

    private WeightFields() {}

    /// Whether a field of a message says something of weights.
    static boolean isOne(String key) {
        return key.equals("weight") || key.equals("spans") || SWITCHES.containsKey(key);
    }

    /// The weights of a message.
    ///
    /// @param fields those of its fields that [#isOne] accepts
    /// @param content its content as it stands in the row
    /// @param text its content as text
    static LossWeights read(Map<String, Object> fields, @Nullable Object content, String text) {
        List<Part> parts = new ArrayList<>();
        if (fields.get("spans") instanceof Object spans) {
            parts.addAll(spans(spans, text));
        }
        if (content instanceof List<?> written) {
            parts.addAll(parts(written));
        }
        parts.sort(Comparator.comparingInt(Part::start));
        for (int i = 1; i < parts.size(); i++) {
            if (parts.get(i).start() < parts.get(i - 1).end()) {
                throw new WrongWeight(
                        "two spans of a message overlap, at character "
                                + text.codePointCount(0, parts.get(i).start()),
                        "give every character one weight: end a span where the next begins");
            }
        }
        return new LossWeights(whole(fields), parts);
    }

    private static OptionalDouble whole(Map<String, Object> fields) {
        OptionalDouble known = OptionalDouble.empty();
        String knownAs = "";
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            if (field.getKey().equals("spans")) {
                continue;
            }
            double weight = weight(field.getKey(), field.getValue());
            if (known.isPresent() && known.getAsDouble() != weight) {
                throw new WrongWeight(
                        "'%s' and '%s' of a message contradict each other"
                                .formatted(knownAs, field.getKey()),
                        "keep one of them");
            }
            known = OptionalDouble.of(weight);
            knownAs = field.getKey();
        }
        return known;
    }

    private static double weight(String key, Object value) {
        Boolean learns = SWITCHES.get(key);
        if (learns == null) {
            return number(value);
        }
        boolean set =
                switch (value) {
                    case Boolean flag -> flag;
                    case Long number when number == 0 || number == 1 -> number == 1;
                    default ->
                            throw new WrongWeight(
                                    "'%s' of a message is %s".formatted(key, shortened(value)),
                                    "write true or false; a number goes into 'weight'");
                };
        return set == learns ? 1 : 0;
    }

    private static double number(Object value) {
        double weight =
                switch (value) {
                    case Long number -> number.doubleValue();
                    case Double number -> number;
                    default -> Double.NaN;
                };
        if (!LossWeights.isWeight(weight)) {
            throw new WrongWeight("'weight' is " + shortened(value), RANGE);
        }
        return weight;
    }

    /// Spans that count Unicode code points of the text, `end` exclusive.
    private static List<Part> spans(Object written, String text) {
        if (!(written instanceof List<?> list)) {
            throw new WrongWeight(
                    "'spans' of a message is not a list",
                    "write [{\"start\": 0, \"end\": 12, \"weight\": 0}]");
        }
        int length = text.codePointCount(0, text.length());
        List<Part> parts = new ArrayList<>();
        for (Object each : list) {
            if (!(each instanceof Map<?, ?> span)) {
                throw new WrongWeight(
                        "a span is not an object",
                        "write {\"start\": 0, \"end\": 12, \"weight\": 0}");
            }
            int start = place(span, "start", length);
            int end = place(span, "end", length);
            if (end < start) {
                throw new WrongWeight(
                        "a span ends at %d, before its start at %d".formatted(end, start),
                        "'end' is the place after the last character");
            }
            parts.add(
                    new Part(
                            text.offsetByCodePoints(0, start),
                            text.offsetByCodePoints(0, end),
                            weightOf(span)));
        }
        return parts;
    }

    private static int place(Map<?, ?> span, String key, int length) {
        Object value = span.get(key);
        if (!(value instanceof Long place) || place < 0) {
            throw new WrongWeight(
                    "'%s' of a span is %s".formatted(key, shortened(value)),
                    "count characters (Unicode code points) of the content from 0");
        }
        if (place > length) {
            throw new WrongWeight(
                    "'%s' of a span is %d, but the content has %d characters"
                            .formatted(key, place, length),
                    "count characters (Unicode code points), not bytes or UTF-16 units");
        }
        return place.intValue();
    }

    private static double weightOf(Map<?, ?> span) {
        if (span.get("weight") instanceof Object weight) {
            return number(weight);
        }
        for (String key : List.of("train", "loss", "mask", "masked")) {
            if (span.get(key) instanceof Object value) {
                return weight(key, value);
            }
        }
        throw new WrongWeight("a span has no weight", "add 'weight': 0 to leave it out");
    }

    /// Parts of a content that have a weight, by the places that they take when they are joined.
    private static List<Part> parts(List<?> written) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        for (Object each : written) {
            Object text = each instanceof Map<?, ?> part ? part.get("text") : each;
            int end = at + (text instanceof String string ? string.length() : 0);
            if (each instanceof Map<?, ?> part && marks(part)) {
                parts.add(new Part(at, end, weightOf(part)));
            }
            at = end;
        }
        return parts;
    }

    private static boolean marks(Map<?, ?> part) {
        return part.entrySet().stream()
                .anyMatch(field ->
                        field.getValue() != null
                                && isOne(String.valueOf(field.getKey()))
                                && !field.getKey().equals("spans"));
    }

    private static String shortened(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }
}
