package dev.tailor.eval.internal.harness;

/// Whole numbers in English words: `forty-two`, `one thousand and five`.
final class NumberWords {
    private static final String[] SMALL = {
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen"
    };
    private static final String[] TENS = {
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"
    };
    private static final String[] SCALES = {
        "", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion"
    };

    private NumberWords() {}

    /// The words of a number.
    static String of(long number) {
        if (number < 0) {
            return "minus " + of(-number);
        }
        StringBuilder words = new StringBuilder();
        for (int scale = SCALES.length - 1; scale > 0; scale--) {
            int group = (int) (number / (long) Math.pow(1000, scale) % 1000);
            if (group > 0) {
                words.append(words.isEmpty() ? "" : ", ").append(upTo999(group));
                words.append(SCALES[scale]);
            }
        }
        int last = (int) (number % 1000);
        if (words.isEmpty()) {
            return upTo999(last);
        }
        if (last > 0) {
            words.append(last < 100 ? " and " : ", ").append(upTo999(last));
        }
        return words.toString();
    }

    private static String upTo999(int number) {
        if (number >= 100) {
            String rest = number % 100 == 0 ? "" : " and " + upTo999(number % 100);
            return SMALL[number / 100] + " hundred" + rest;
        }
        if (number < SMALL.length) {
            return SMALL[number];
        }
        return TENS[number / 10] + (number % 10 == 0 ? "" : "-" + SMALL[number % 10]);
    }
}
