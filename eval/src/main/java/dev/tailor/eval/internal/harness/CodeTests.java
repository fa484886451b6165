package dev.tailor.eval.internal.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The program that shows whether a model's code passes a row's tests (HumanEval, arXiv
/// 2107.03374): what was asked for, what the model wrote, the tests and the call of them.
public final class CodeTests {
    /// The metric that runs code.
    public static final String METRIC = "pass_at_1";

    private static final Pattern FENCED =
            Pattern.compile("(?s)```[A-Za-z0-9]*\\r?\\n(.*?)(?:```|\\z)");

    private CodeTests() {}

    /// The program.
    ///
    /// @param row with the columns `prompt`, `test` and `entry_point`
    /// @throws TailorException `DATA_INVALID` if it lacks one of them
    public static String program(Map<String, Object> row, String answer) {
        String prompt = column(row, "prompt");
        String entry = column(row, "entry_point");
        Matcher fenced = FENCED.matcher(answer);
        String code = fenced.find() ? fenced.group(1) : answer;
        boolean isWhole = code.contains("def " + entry);
        String head = isWhole ? imports(prompt) : prompt;
        return head + code + "\n\n" + column(row, "test") + "\n\ncheck(" + entry + ")\n";
    }

    private static String imports(String prompt) {
        return prompt.lines()
                .filter(line -> line.startsWith("import ") || line.startsWith("from "))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static String column(Map<String, Object> row, String name) {
        if (row.get(name) instanceof String text) {
            return text;
        }
        throw TailorException.of(
                ErrorCode.DATA_INVALID,
                "a program is tested by the columns prompt, test and entry_point; there is no '"
                        + name
                        + "'");
    }
}
