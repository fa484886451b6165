package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.train.LossMask.Token;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.SampleMasks;
import dev.tailor.workflow.store.SampleMasks.Sample;
import dev.tailor.workflow.store.SampleMasks.Sequence;

import java.util.ArrayList;
import java.util.List;

/// The first samples of every training stage, token by token: what is learnt, what is only read.
final class MaskSection {
    /// Weights above this are no darker.
    private static final float DARKEST = 2;

    private MaskSection() {}

    static Html render(ReportData data) {
        List<Html> stages = new ArrayList<>();
        data.masks()
                .forEach((id, masks) -> {
                    if (!masks.samples().isEmpty()) {
                        String kind = data.stage(id).map(StageRecord::kind).orElse("");
                        stages.add(stage(id, kind, masks));
                    }
                });
        return stages.isEmpty() ? Html.NOTHING : Html.of("{}{}", legend(), stages);
    }

    private static Html legend() {
        return Html.of(
                """
                <p class="note tokens">{} counts in the loss, {} counts half as much, {} is only read; \
                hover over a token for its id and weight</p>
                """,
                token("learnt", "learnt", 1),
                Html.of("{}{}", token("learnt", "learnt", 0.5f), weight(0.5f)),
                token("read", "read", 0));
    }

    private static Html stage(String id, String kind, SampleMasks masks) {
        return Html.of(
                "<h3>{} <span class=\"soft\">{}, the first samples</span></h3>\n{}",
                id,
                kind,
                masks.samples().stream().map(sample -> sample(sample, kind)).toList());
    }

    private static Html sample(Sample sample, String kind) {
        List<Html> sequences = new ArrayList<>();
        for (int i = 0; i < sample.sequences().size(); i++) {
            String name = kind.equals("dpo") ? i == 0 ? "chosen: " : "rejected: " : "";
            sequences.add(sequence(sample.sequences().get(i), name));
        }
        return Html.of(
                "<article class=\"mask\"><p class=\"origin\">{}{}{}</p>{}</article>\n",
                sample.origin(),
                sample.dropped().map(reason -> " · left out: " + reason).orElse(""),
                sample.truncated() ? " · its end is cut off" : "",
                sequences);
    }

    private static Html sequence(Sequence sequence, String name) {
        Html skipped =
                sequence.skipped() == 0
                        ? Html.NOTHING
                        : Html.of(
                                "\n<span class=\"soft\">… {} tokens …</span>\n",
                                Figures.count(sequence.skipped()));
        return Html.of(
                "<p class=\"soft\">{}{} tokens, {} learnt</p><p class=\"tokens\">{}{}{}</p>",
                name,
                Figures.count(sequence.length()),
                Figures.count(sequence.learnt()),
                tokens(sequence.beginning()),
                skipped,
                tokens(sequence.end()));
    }

    /// Tokens; behind the last of a run of equal weights that weight, where it is neither 0 nor 1.
    private static Html tokens(List<Token> tokens) {
        List<Html> spans = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            boolean ends = i + 1 == tokens.size() || tokens.get(i + 1).weight() != token.weight();
            String title =
                    token.learnt()
                            ? "token %d, weight %s".formatted(token.id(), number(token.weight()))
                            : "token %d, only read".formatted(token.id());
            Html span = token(title, visible(token.text()), token.weight());
            boolean usual = !token.learnt() || token.weight() == 1;
            spans.add(ends && !usual ? Html.of("{}{}", span, weight(token.weight())) : span);
        }
        return Html.join(spans);
    }

    private static Html token(String title, String text, float weight) {
        return weight == 0
                ? Html.of("<span class=\"tok\" title=\"{}\">{}</span>", title, text)
                : Html.of(
                        "<span class=\"tok learnt\" style=\"--w:{}\" title=\"{}\">{}</span>",
                        number(Math.min(DARKEST, weight)),
                        title,
                        text);
    }

    private static Html weight(float weight) {
        return Html.of("<sub>×{}</sub>", number(weight));
    }

    private static String number(float weight) {
        return weight == Math.rint(weight) ? Long.toString((long) weight) : Float.toString(weight);
    }

    /// A token that adds no character yet, or white space, can be seen too.
    private static String visible(String text) {
        return text.isEmpty()
                ? "·"
                : text.replace("\r", "␍").replace("\t", "␉").replace("\n", "↵\n");
    }
}
