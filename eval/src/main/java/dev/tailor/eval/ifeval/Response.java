package dev.tailor.eval.ifeval;

import dev.tailor.eval.internal.ifeval.Verifiers;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// A response with the variants that the loose verdict allows (Zhou et al. 2023, section 2.2).
public final class Response {
    private final String text;
    private final Set<String> variants;

    private Response(String text, Set<String> variants) {
        this.text = text;
        this.variants = variants;
    }

    /// The response as it stands, without its first line, without its last one, without both; and
    /// each of these without asterisks.
    public static Response of(String text) {
        List<String> lines = List.of(text.split("\n", -1));
        int last = lines.size() - 1;
        Set<String> whole = new LinkedHashSet<>();
        whole.add(text);
        whole.add(joined(lines.subList(1, lines.size())));
        whole.add(joined(lines.subList(0, last)));
        whole.add(joined(lines.subList(Math.min(1, last), last)));
        Set<String> variants = new LinkedHashSet<>(whole);
        whole.forEach(variant -> variants.add(variant.replace("*", "")));
        variants.removeIf(Verifiers::isBlank);
        return new Response(text, variants);
    }

    private static String joined(List<String> lines) {
        return Verifiers.strip(String.join("\n", lines));
    }

    /// The verdict of a check; a blank response follows nothing.
    Verdict verdict(Predicate<String> follows) {
        boolean strict = variants.contains(text) && follows.test(text);
        boolean loose =
                strict
                        || variants.stream()
                                .filter(variant -> !variant.equals(text))
                                .anyMatch(follows);
        return new Verdict(strict, loose);
    }
}
