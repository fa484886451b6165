package dev.tailor.eval.harness;

import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The task files that come with Tailor.
final class TaskPack {
    private static final List<String> NAMES =
            List.of("arc_easy", "arc_challenge", "piqa", "openbook_qa", "lambada_openai", "gsm8k");

    /// The tasks of LoRA Land in the order of its table; each is called `loraland_NAME`.
    private static final List<String> LORA_LAND =
            List.of(
                    "bc5cdr",
                    "conllpp",
                    "e2e_nlg",
                    "tldr_content_gen",
                    "tldr_headline_gen",
                    "viggo",
                    "webnlg",
                    "magicoder",
                    "wikisql",
                    "boolq",
                    "dbpedia",
                    "customer_support",
                    "glue_qnli",
                    "glue_stsb",
                    "legal",
                    "reuters",
                    "mmlu",
                    "winogrande",
                    "arc_combined",
                    "glue_cola",
                    "glue_mnli",
                    "glue_mrpc",
                    "glue_qqp",
                    "glue_sst2",
                    "glue_wnli",
                    "covid",
                    "hellaswag",
                    "hellaswag_processed",
                    "jigsaw",
                    "drop",
                    "gsm8k");

    private TaskPack() {}

    /// The tasks by their names.
    static Map<String, YamlNode.Mapping> mappings() {
        Map<String, YamlNode.Mapping> mappings = new LinkedHashMap<>();
        for (String name : NAMES) {
            YamlNode node = Yaml.single(Path.of(name + ".yaml"), text("tasks/" + name + ".yaml"));
            mappings.put(name, (YamlNode.Mapping) node);
        }
        for (String name : LORA_LAND) {
            String resource = "tasks/loraland/" + name + ".yaml";
            YamlNode node = Yaml.single(Path.of("loraland_" + name + ".yaml"), text(resource));
            mappings.put("loraland_" + name, (YamlNode.Mapping) node);
        }
        return mappings;
    }

    private static String text(String resource) {
        try (InputStream in =
                Objects.requireNonNull(TaskPack.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
