package dev.tailor.eval.internal.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/// What the twins of [Twins] do with a row.
final class TwinFunctions {
    private static final String LETTERS = "ABCD";

    private TwinFunctions() {}

    static void addTo(Map<String, Function<Map<String, Object>, Object>> twins) {
        twins.put("hellaswag/utils.process_docs", TwinFunctions::hellaswag);
        twins.put(
                "winogrande/preprocess_winogrande.doc_to_text",
                row -> text(row, "answer").equals("1") ? 0L : 1L);
        twins.put(
                "winogrande/preprocess_winogrande.doc_to_target",
                row -> {
                    String sentence = text(row, "sentence");
                    return sentence.substring(sentence.indexOf('_') + 1).strip();
                });
        twins.put(
                "winogrande/preprocess_winogrande.doc_to_choice",
                row -> {
                    String before = text(row, "sentence").split("_", 2)[0];
                    return List.of(before + text(row, "option1"), before + text(row, "option2"));
                });
        twins.put(
                "copa/utils.doc_to_text",
                row -> {
                    String premise = text(row, "premise").strip();
                    return premise.substring(0, premise.length() - 1)
                            + (text(row, "question").equals("cause") ? " because" : " therefore");
                });
        twins.put("copa/utils.doc_to_target", row -> copaChoice(row, number(row, "label") + 1));
        twins.put(
                "copa/utils.doc_to_choice", row -> List.of(copaChoice(row, 1), copaChoice(row, 2)));
        twins.put(
                "mnli/utils.doc_to_text",
                row -> {
                    String hypothesis = text(row, "hypothesis").strip();
                    return text(row, "premise")
                            + "\nQuestion: "
                            + hypothesis
                            + (hypothesis.endsWith(".") ? "" : ".")
                            + " True, False or Neither?\nAnswer:";
                });
        twins.put("race/preprocess_race.doc_to_text", TwinFunctions::raceText);
        twins.put(
                "race/preprocess_race.doc_to_choice",
                row -> {
                    List<Object> options = list(problems(row).getLast(), "options");
                    return new ArrayList<>(options.subList(0, 4));
                });
        twins.put(
                "race/preprocess_race.doc_to_target",
                row -> (long) LETTERS.indexOf(text(problems(row).getLast(), "answer")));
        twins.put(
                "wikitext/preprocess_wikitext.wikitext_detokenizer",
                row -> Detokenised.wikitext(text(row, "page")));
    }

    private static Object hellaswag(Map<String, Object> row) {
        String second = text(row, "ctx_b");
        String capitalised =
                second.isEmpty()
                        ? ""
                        : second.substring(0, 1).toUpperCase(Locale.ROOT)
                                + second.substring(1).toLowerCase(Locale.ROOT);
        Map<String, Object> made = new LinkedHashMap<>(row);
        made.put(
                "query",
                wikiHow(
                        text(row, "activity_label")
                                + ": "
                                + text(row, "ctx_a")
                                + " "
                                + capitalised));
        made.put(
                "choices",
                list(row, "endings").stream().map(ending -> wikiHow((String) ending)).toList());
        made.put("gold", number(row, "label"));
        return made;
    }

    /// Without the marks that WikiHow's articles left in the texts.
    private static String wikiHow(String text) {
        return text.strip()
                .replace(" [title]", ". ")
                .replaceAll("\\[[^\\]\\n]*\\]", "")
                .replace("  ", " ");
    }

    private static String copaChoice(Map<String, Object> row, long which) {
        String choice = text(row, which == 1 ? "choice1" : "choice2");
        return " " + choice.substring(0, 1).toLowerCase(Locale.ROOT) + choice.substring(1);
    }

    private static Object raceText(Map<String, Object> row) {
        List<Map<String, Object>> problems = problems(row);
        StringBuilder text = new StringBuilder("Article: ").append(text(row, "article"));
        text.append("\n\n");
        for (Map<String, Object> problem : problems.subList(0, problems.size() - 1)) {
            String question = text(problem, "question");
            String answer =
                    (String) list(problem, "options").get(LETTERS.indexOf(text(problem, "answer")));
            if (question.endsWith("  _  .")) {
                text.append(question, 0, question.length() - 5).append(answer).append('\n');
            } else {
                text.append("Question: ").append(question).append("\nAnswer: ");
                text.append(answer).append('\n');
            }
        }
        return text.append(text(problems.getLast(), "question")).toString();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> problems(Map<String, Object> row) {
        Object problems = row.get("problems");
        Object parsed =
                problems instanceof String text
                        ? PythonLiteral.read(text).orElseThrow(() -> missing("problems"))
                        : problems;
        if (!(parsed instanceof List<?> list) || list.isEmpty()) {
            throw missing("problems");
        }
        return (List<Map<String, Object>>) list;
    }

    private static String text(Map<String, Object> row, String column) {
        if (row.get(column) instanceof String text) {
            return text;
        }
        throw missing(column);
    }

    private static long number(Map<String, Object> row, String column) {
        return switch (row.get(column)) {
            case Long number -> number;
            case String text -> Long.parseLong(text);
            case null, default -> throw missing(column);
        };
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Map<String, Object> row, String column) {
        if (row.get(column) instanceof List<?> list) {
            return (List<Object>) list;
        }
        throw missing(column);
    }

    private static TailorException missing(String column) {
        return TailorException.of(
                ErrorCode.DATA_INVALID,
                "the column '" + column + "' is missing or of another kind");
    }
}
