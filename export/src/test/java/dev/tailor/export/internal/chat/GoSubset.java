package dev.tailor.export.internal.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Runs the part of Go's template language that [GoTemplate] writes, by the rules of
/// https://pkg.go.dev/text/template, with the variables Ollama gives.
final class GoSubset {
    private static final Pattern ACTION = Pattern.compile("\\{\\{(.*?)\\}\\}", Pattern.DOTALL);

    private final List<String> pieces = new ArrayList<>();
    private final Map<String, Object> variables = new HashMap<>();
    private final StringBuilder out = new StringBuilder();
    private final List<ChatShape.Turn> turns;

    private GoSubset(String template, List<ChatShape.Turn> turns) {
        this.turns = turns;
        Matcher matcher = ACTION.matcher(template);
        int from = 0;
        while (matcher.find()) {
            pieces.add("\"" + template.substring(from, matcher.start()) + "\"");
            pieces.add(matcher.group(1).strip());
            from = matcher.end();
        }
        pieces.add("\"" + template.substring(from) + "\"");
    }

    static String run(String template, List<ChatShape.Turn> turns) {
        GoSubset go = new GoSubset(template, turns);
        go.block(0, go.pieces.size(), new ChatShape.Turn("", ""), true);
        return go.out.toString();
    }

    /// Runs the pieces from `at` to the block's end and returns the position of that end.
    private int block(int at, int end, ChatShape.Turn dot, boolean live) {
        int i = at;
        while (i < end) {
            String piece = pieces.get(i);
            if (piece.equals("end") || piece.startsWith("else if ")) {
                return i;
            } else if (piece.equals("range .Messages")) {
                int close = block(i + 1, end, dot, false);
                for (ChatShape.Turn turn : live ? turns : List.<ChatShape.Turn>of()) {
                    block(i + 1, end, turn, true);
                }
                i = close + 1;
            } else if (piece.startsWith("if ")) {
                i = condition(i, end, dot, live) + 1;
            } else {
                if (live) {
                    act(piece, dot);
                }
                i++;
            }
        }
        return i;
    }

    private int condition(int at, int end, ChatShape.Turn dot, boolean live) {
        boolean open = live;
        int i = at;
        while (!pieces.get(i).equals("end")) {
            boolean taken = open && holds(pieces.get(i).replaceFirst("^(else )?if ", ""), dot);
            i = block(i + 1, end, dot, taken);
            open &= !taken;
        }
        return i;
    }

    private boolean holds(String condition, ChatShape.Turn dot) {
        if (condition.startsWith("not ")) {
            return !holds(condition.substring(4), dot);
        }
        if (condition.startsWith("eq ")) {
            String[] parts = condition.split(" ");
            return value(parts[1], dot).equals(value(parts[2], dot));
        }
        Object value = value(condition, dot);
        return !value.equals("") && !value.equals(false);
    }

    private void act(String piece, ChatShape.Turn dot) {
        Matcher assignment = Pattern.compile("(\\$\\w+) :?= (.*)").matcher(piece);
        if (assignment.matches()) {
            variables.put(assignment.group(1), value(assignment.group(2), dot));
        } else {
            out.append(value(piece, dot));
        }
    }

    private Object value(String expression, ChatShape.Turn dot) {
        return switch (expression) {
            case ".Role" -> dot.role();
            case ".Content" -> dot.content();
            case ".System" ->
                    turns.stream()
                            .filter(turn -> turn.role().equals("system"))
                            .map(ChatShape.Turn::content)
                            .findFirst()
                            .orElse("");
            case "true" -> true;
            case "false" -> false;
            case String variable when variable.startsWith("$") -> variables.get(variable);
            case String literal when literal.startsWith("\"") ->
                    literal.substring(1, literal.length() - 1);
            case String other -> throw new IllegalArgumentException("not of the subset: " + other);
        };
    }
}
