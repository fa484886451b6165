package dev.tailor.data;

import dev.tailor.data.DataCheck.Issue;
import dev.tailor.data.DataCheck.Severity;
import dev.tailor.text.Message;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Looks at samples for what reading cannot reject but a person would want to know.
final class Inspection {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*([\\w.]{1,40})\\s*}}");
    private static final Pattern CONTROL_TOKEN =
            Pattern.compile(
                    "<\\|[a-z_]{2,30}\\|>|</?s>|\\[/?INST]|<(?:start|end)_of_turn>|<<SYS>>");
    // UTF-8 read as Windows-1252 and written as UTF-8 again.
    private static final Pattern MOJIBAKE =
            Pattern.compile(
                    "\u00e2\u20ac[\u2122\u0153\u009d\u201c\u201d\u02dc\u00a6]|\u00c3[\u00a4\u00b6\u00bc\u00a9\u00a8\u00a0]");
    private static final int FEW = 10;
    private static final double LENGTH_BIAS = 1.5;

    private final Map<String, Finding> findings = new LinkedHashMap<>();
    private final Map<Long, Long> answerOfPrompt = new HashMap<>();
    private long samples;
    private long chosenCharacters;
    private long rejectedCharacters;
    private long preferences;
    private long desirable;
    private long unpaired;
    private long augmented;
    private long pairs;

    private static final class Finding {
        private final Severity severity;
        private final String remedy;
        private final Origin first;
        private long rows;

        Finding(Severity severity, String remedy, Origin first) {
            this.severity = severity;
            this.remedy = remedy;
            this.first = first;
        }
    }

    void look(Sample sample) {
        samples++;
        Origin origin = sample.origin();
        for (String text : SampleText.texts(sample)) {
            lookAt(text, origin);
        }
        switch (sample) {
            case Sample.Text _ -> {}
            case Sample.Augmented text -> lookAt(text);
            case Sample.PromptCompletion pair ->
                    contradiction(pair.prompt(), pair.completion(), origin);
            case Sample.Chat chat -> lookAt(chat);
            case Sample.Preference pair -> {
                preferences++;
                chosenCharacters += characters(pair.chosen());
                rejectedCharacters += characters(pair.rejected());
            }
            case Sample.Unpaired answer -> {
                unpaired++;
                desirable += answer.desirable() ? 1 : 0;
            }
        }
    }

    private void lookAt(String text, Origin origin) {
        boolean brace = false;
        boolean bracket = false;
        boolean accent = false;
        boolean lost = false;
        boolean control = false;
        // One pass tells which of the costly patterns are worth trying.
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            brace |= c == '{';
            bracket |= c == '<' || c == '[';
            accent |= c == '\u00e2' || c == '\u00c3';
            lost |= c == '\uFFFD';
            control |= c < ' ' && c != '\n' && c != '\t' && c != '\r';
        }
        if (brace) {
            find(
                    PLACEHOLDER,
                    text,
                    "a placeholder that nobody filled in: %s",
                    "replace it in the file before training",
                    origin);
        }
        if (bracket) {
            find(
                    CONTROL_TOKEN,
                    text,
                    "a chat template's control token as text: %s",
                    "keep only what was said: the template is applied when training",
                    origin);
        }
        if (accent) {
            find(
                    MOJIBAKE,
                    text,
                    "characters that were decoded wrongly (such as %s)",
                    "convert it again from its source, as UTF-8",
                    origin);
        }
        if (lost) {
            found(
                    Severity.WARNING,
                    "the character U+FFFD: something was lost when the text was converted",
                    "convert it again from its source",
                    origin);
        }
        if (control) {
            found(Severity.INFO, "control characters", "remove them", origin);
        }
    }

    private void lookAt(Sample.Augmented sample) {
        augmented++;
        pairs += sample.pairs().size();
        if (AugmentedShape.asksTwice(sample)) {
            found(
                    Severity.WARNING,
                    "a question that is asked twice of the same text",
                    "keep one of them",
                    sample.origin());
        }
    }

    private void find(Pattern pattern, String text, String what, String remedy, Origin origin) {
        Matcher matcher = pattern.matcher(text);
        if (matcher.find()) {
            found(Severity.WARNING, what.formatted(matcher.group()), remedy, origin);
        }
    }

    private void lookAt(Sample.Chat chat) {
        List<Message> messages = chat.messages();
        if (!messages.getLast().role().equals("assistant")) {
            found(
                    Severity.INFO,
                    "a conversation that does not end with the assistant",
                    "nothing is learnt from what follows its last answer",
                    chat.origin());
        }
        if (messages.size() <= 3 && messages.getLast().role().equals("assistant")) {
            List<Message> prompt = messages.subList(0, messages.size() - 1);
            contradiction(
                    prompt.toString(), messages.getLast().content().toString(), chat.origin());
        }
    }

    private void contradiction(String prompt, String answer, Origin origin) {
        Long known = answerOfPrompt.putIfAbsent(ContentHash.of(prompt), ContentHash.of(answer));
        if (known != null && known != ContentHash.of(answer)) {
            found(
                    Severity.INFO,
                    "a question that is asked before and answered otherwise",
                    "keep the better answer, unless both are meant",
                    origin);
        }
    }

    private void found(Severity severity, String what, String remedy, Origin origin) {
        boolean known = findings.containsKey(what) || findings.size() < 50;
        if (known) {
            findings.computeIfAbsent(what, any -> new Finding(severity, remedy, origin)).rows++;
        }
    }

    private static long characters(List<Message> messages) {
        return messages.stream().mapToLong(message -> message.content().toString().length()).sum();
    }

    List<Issue> issues() {
        List<Issue> issues = new ArrayList<>();
        findings.forEach((what, finding) ->
                issues.add(
                        new Issue(
                                finding.severity,
                                finding.first.toString(),
                                "%s with %s".formatted(DataCheck.rows(finding.rows), what),
                                finding.remedy)));
        if (augmented > 0) {
            issues.add(
                    new Issue(
                            Severity.INFO,
                            "",
                            "%s with %d questions and answers, %s of raw text"
                                    .formatted(
                                            DataCheck.rows(augmented),
                                            pairs,
                                            DataCheck.rows(samples - augmented)),
                            ""));
        }
        if (samples < FEW) {
            add(issues, "only %d samples: hardly anything can be learnt".formatted(samples), "");
        }
        if (unpaired > 0 && (desirable == 0 || desirable == unpaired)) {
            add(
                    issues,
                    "all answers have the same label",
                    "wanted and unwanted answers are needed both");
        }
        double longer = (double) chosenCharacters / Math.max(1, rejectedCharacters);
        if (preferences >= FEW && longer > LENGTH_BIAS) {
            add(
                    issues,
                    String.format(
                            Locale.ROOT,
                            "chosen answers are %.1f times as long as rejected ones",
                            longer),
                    "the model will learn to be long; add pairs where the shorter one is better");
        }
        return issues;
    }

    private static void add(List<Issue> issues, String message, String remedy) {
        issues.add(new Issue(Severity.WARNING, "", message, remedy));
    }
}
