package dev.tailor.cli.command;

import dev.tailor.train.LossMask;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// Loss masks for people and for programs.
final class MaskText {
    private static final String INDENT = "  ";

    private MaskText() {}

    /// A sample: what is learnt in brackets, token by token, with its weight where that is not 1; a
    /// dot between tokens that are read.
    static List<String> lines(LossMask mask) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                mask.origin()
                        + mask.dropped().map(reason -> ": left out, " + reason).orElse("")
                        + (mask.truncated() ? ": its end is cut off" : ""));
        for (List<LossMask.Token> sequence : mask.sequences()) {
            long learnt = sequence.stream().filter(LossMask.Token::learnt).count();
            lines.add(INDENT + "%d tokens, %d learnt".formatted(sequence.size(), learnt));
            text(sequence).lines().forEach(line -> lines.add(INDENT + INDENT + line));
        }
        return lines;
    }

    private static String text(List<LossMask.Token> sequence) {
        StringBuilder text = new StringBuilder();
        boolean readBefore = false;
        for (LossMask.Token token : sequence) {
            String visible = token.text().replace("\r", "␍").replace("\t", "␉");
            boolean endsLine = visible.endsWith("\n");
            visible = visible.replace("\n", "↵");
            if (token.learnt()) {
                text.append('[').append(visible).append(']').append(weight(token));
            } else {
                text.append(readBefore ? "·" : "").append(visible);
            }
            readBefore = !token.learnt() && !endsLine;
            if (endsLine) {
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String weight(LossMask.Token token) {
        return token.weight() == 1 ? "" : "×" + new BigDecimal(Float.toString(token.weight()));
    }

    static ArrayNode json(List<LossMask> masks) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (LossMask mask : masks) {
            ObjectNode node = all.addObject();
            node.put("origin", mask.origin());
            node.put("truncated", mask.truncated());
            mask.dropped().ifPresent(reason -> node.put("dropped", reason));
            ArrayNode sequences = node.putArray("sequences");
            for (List<LossMask.Token> sequence : mask.sequences()) {
                ArrayNode tokens = sequences.addArray();
                sequence.forEach(token ->
                        tokens.addObject()
                                .put("id", token.id())
                                .put("text", token.text())
                                .put("learnt", token.learnt())
                                .put("weight", token.weight()));
            }
        }
        return all;
    }
}
