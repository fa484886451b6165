package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.eval.internal.harness.AnswerMeasure;
import dev.tailor.eval.internal.harness.CodeTests;
import dev.tailor.eval.internal.harness.PythonFormat;
import dev.tailor.text.TextTemplate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads a task file of LoRA Land (`metadata.yaml`): a prompt with columns in braces, a target
/// column, a metric.
///
/// A row's split stands in the column `split`: 0 is the training split, 1 validation, 2 test. The
/// evaluated split is `split_used_for_evaluation`; where no row has its number, the rows with
/// `split_column_value` are.
final class LoraLandReader {
    private static final Pattern PROMPT = Pattern.compile("(?m)^prompt_template:");
    private static final Pattern METRIC = Pattern.compile("(?m)^metric_name:");
    private static final int MAX_TOKENS = 256;
    private static final int MAX_CODE_TOKENS = 512;
    private static final String TRAIN = "train";

    /// The measures by the names that these files have for them.
    private static final Map<String, String> MEASURES =
            Map.ofEntries(
                    Map.entry("accuracy", AnswerMeasure.ACCURACY.id()),
                    Map.entry("arc_accuracy", AnswerMeasure.ACCURACY.id()),
                    Map.entry("covid_accuracy", AnswerMeasure.ACCURACY.id()),
                    Map.entry("mmlu_accuracy", AnswerMeasure.ACCURACY.id()),
                    Map.entry("winogrande_accuracy", AnswerMeasure.ACCURACY.id()),
                    Map.entry("binary_accuracy_flex", AnswerMeasure.BINARY_ACCURACY.id()),
                    Map.entry("customer_support_accuracy", AnswerMeasure.CONTAINS.id()),
                    Map.entry("hellaswag_accuracy", AnswerMeasure.DIGIT_ACCURACY.id()),
                    Map.entry("mnli_accuracy", AnswerMeasure.DIGIT_ACCURACY.id()),
                    Map.entry("mrpc_accuracy", AnswerMeasure.DIGIT_ACCURACY.id()),
                    Map.entry("dbpedia", AnswerMeasure.DBPEDIA_ROUGE_L.id()),
                    Map.entry("drop", AnswerMeasure.SPELLED_ROUGE_L.id()),
                    Map.entry("gsm8k_regex", AnswerMeasure.NUMBER_ACCURACY.id()),
                    Map.entry("humaneval", CodeTests.METRIC),
                    Map.entry("rouge", AnswerMeasure.ROUGE_L.id()),
                    Map.entry("stsb", AnswerMeasure.SIMILARITY.id()),
                    Map.entry("amazon_review_mpe", AnswerMeasure.SIMILARITY.id()));

    private final String name;
    private final YamlNode.Mapping mapping;
    private final MappingReader reader;

    private LoraLandReader(String name, YamlNode.Mapping mapping) {
        this.name = name;
        this.mapping = mapping;
        this.reader = MappingReader.of(mapping, "the task '" + name + "'");
    }

    /// Whether the text of a file is a task of this kind.
    static boolean recognises(String text) {
        return PROMPT.matcher(text).find() && METRIC.matcher(text).find();
    }

    /// Whether a mapping is a task of this kind.
    static boolean recognises(YamlNode.Mapping mapping) {
        return mapping.entries().keySet().containsAll(Set.of("prompt_template", "metric_name"));
    }

    /// The name of a task by its file: `tasks/viggo/metadata.yaml` and `viggo.yaml` are `viggo`.
    static String name(Path file) {
        String stem = String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
        Path folder = file.toAbsolutePath().getParent();
        return stem.equals("metadata") && folder != null && folder.getFileName() != null
                ? folder.getFileName().toString()
                : stem;
    }

    /// The task of a mapping.
    ///
    /// @throws TailorException `CONFIG_INVALID` with the place
    static TaskConfig read(String name, YamlNode.Mapping mapping) {
        return new LoraLandReader(name, mapping).task();
    }

    private TaskConfig task() {
        String metric = metric();
        boolean isCode = metric.equals(CodeTests.METRIC);
        PromptForm training = form("prompt_template", "target_col");
        PromptForm form =
                reader.has("eval_prompt_template")
                        ? form("eval_prompt_template", "eval_target_col")
                        : training;
        return new TaskConfig(
                name,
                mapping.location(),
                source(),
                OutputType.GENERATE_UNTIL,
                form,
                new Field.Absent(),
                new Shots(-1, TRAIN, "default", List.of(), training),
                new GenerationSpec(
                        List.of("\n###", "\n\n\n"), isCode ? MAX_CODE_TOKENS : MAX_TOKENS, 0, 1, 1),
                new TaskConfig.Grading(
                        List.of(FilterSpec.none()),
                        List.of(new MetricSpec(metric, "mean", true, MetricSpec.Ignore.nothing())),
                        "Yaml",
                        Set.of(),
                        Optional.empty()),
                resolved(metric));
    }

    private String metric() {
        String word = MappingReader.text(reader.required("metric_name"), "'metric_name'");
        if (word.startsWith("ifeval")) {
            throw MappingReader.invalid(
                            reader.valueLocation("metric_name"),
                            "the task '%s' is graded by IFEval's verifiers".formatted(name))
                    .remedy("evaluate the task ifeval: --tasks ifeval --data ifeval=FILE");
        }
        String metric = MEASURES.get(word);
        if (metric == null) {
            throw MappingReader.invalid(
                    reader.valueLocation("metric_name"),
                    "the task '%s' needs the metric '%s'; known are %s"
                            .formatted(name, word, MEASURES.keySet().stream().sorted().toList()));
        }
        return metric;
    }

    private PromptForm form(String promptKey, String targetKey) {
        String prompt = MappingReader.text(reader.required(promptKey), "'" + promptKey + "'");
        String target = MappingReader.text(reader.required(targetKey), "'" + targetKey + "'");
        return new PromptForm(
                format(promptKey, prompt),
                new Field.Text(
                        "doc_to_target",
                        target,
                        TextTemplate.compile(target, targetKey),
                        reader.valueLocation(targetKey)),
                new Field.Absent(),
                new Field.Absent(),
                Turns.endsWithSpace(prompt) ? "" : " ",
                "\n\n");
    }

    private Field format(String key, String source) {
        try {
            return new Field.Format(key, PythonFormat.parse(source));
        } catch (TailorException e) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the task '%s', %s: %s".formatted(name, key, e.getMessage()))
                    .at(reader.valueLocation(key))
                    .remedy(e.remedy().orElse("name columns as {column}"));
        }
    }

    private TaskConfig.Source source() {
        String used = text("split_used_for_evaluation").replaceAll("[^A-Za-z_]", "");
        String evaluated = used.isEmpty() || used.equals("human_eval") ? "test" : used;
        List<String> values = new ArrayList<>();
        values.add(evaluated);
        values.add(evaluated.equals("validation") ? "1" : "2");
        values.add(text("split_column_value"));
        String column = text("split_column");
        return new TaskConfig.Source(
                text("dataset_name").isEmpty() ? name : text("dataset_name"),
                "",
                TRAIN,
                evaluated.equals("validation") ? evaluated : null,
                evaluated.equals("validation") ? null : evaluated,
                null,
                new SplitColumn(
                        column.isEmpty() || column.equals("None") ? "split" : column,
                        Map.of(TRAIN, List.of(TRAIN, "0"), evaluated, List.copyOf(values))));
    }

    private String text(String key) {
        return reader.text(key).orElse("");
    }

    private Map<String, Object> resolved(String metric) {
        Map<String, Object> plain = new LinkedHashMap<>();
        mapping.entries()
                .forEach((key, entry) -> {
                    Object value = entry.value().plain();
                    if (value != null) {
                        plain.put(key, value);
                    }
                });
        plain.put("metric", metric);
        if (!text("adapter_category").isEmpty()) {
            plain.put("metadata", Map.of("category", text("adapter_category")));
        }
        return plain;
    }
}
