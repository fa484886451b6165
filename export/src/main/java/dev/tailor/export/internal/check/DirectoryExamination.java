package dev.tailor.export.internal.check;

import static dev.tailor.export.DirectoryCheck.Severity.ERROR;
import static dev.tailor.export.DirectoryCheck.Severity.WARNING;

import dev.tailor.core.TailorException;
import dev.tailor.export.DirectoryCheck.Finding;
import dev.tailor.export.DirectoryCheck.Severity;
import dev.tailor.export.internal.gguf.ModelConfig;
import dev.tailor.export.internal.gguf.ModelTensors;
import dev.tailor.export.internal.tokenizer.ModelTokens;
import dev.tailor.export.internal.tokenizer.TokenizerFiles;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.text.ChatTemplate;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Examines a model directory part by part; a part that cannot be read does not end the others'
/// examination.
public final class DirectoryExamination {
    private final Path directory;
    private final List<Finding> findings = new ArrayList<>();

    private DirectoryExamination(Path directory) {
        this.directory = directory;
    }

    /// The findings, errors first.
    public static List<Finding> of(Path directory) {
        DirectoryExamination examination = new DirectoryExamination(directory);
        examination.part(directory.toString(), examination::configAndWeights);
        examination.part("tokenizer.json", examination::tokenizer);
        examination.part("chat template", examination::template);
        return examination.findings.stream()
                .sorted(Comparator.comparing(Finding::severity))
                .toList();
    }

    private void part(String name, Runnable part) {
        try {
            part.run();
        } catch (TailorException e) {
            add(ERROR, e.where().orElse(name), e.getMessage());
        }
    }

    private void configAndWeights() {
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            ObjectNode config = model.config();
            for (String key : List.of("architectures", "model_type")) {
                if (!config.hasNonNull(key)) {
                    add(
                            ERROR,
                            "config.json",
                            "'" + key + "' is missing, without which AutoModel cannot load it");
                }
            }
            weights(model.checkpoint(), config);
        }
    }

    private void weights(Checkpoint checkpoint, ObjectNode config) {
        if (!checkpoint.metadata().getOrDefault("format", "").equals("pt")) {
            add(
                    WARNING,
                    checkpoint.path().getFileName().toString(),
                    "the metadata lacks format = pt, which older transformers insist on");
        }
        Optional<DType> declared =
                DType.find(config.path("dtype").asString(config.path("torch_dtype").asString("")));
        Optional<DType> kept =
                checkpoint.tensors().stream()
                        .filter(info -> info.shape().size() > 1)
                        .map(TensorInfo::dtype)
                        .findFirst();
        if (declared.isPresent() && kept.isPresent() && !declared.equals(kept)) {
            add(
                    WARNING,
                    "config.json",
                    "says %s, but the weights are %s"
                            .formatted(declared.get().torchName(), kept.get().torchName()));
        }
        if (config.path("model_type").asString("").equals("llama")) {
            ModelTensors.of(ModelConfig.of(config, directory.resolve("config.json")), checkpoint);
        }
    }

    private void tokenizer() {
        TokenizerFiles files = TokenizerFiles.read(directory);
        if (!Files.exists(directory.resolve("tokenizer_config.json"))) {
            add(
                    WARNING,
                    "tokenizer_config.json",
                    "there is none: AutoTokenizer has to guess the class and the special tokens");
        }
        ModelTokens tokens = ModelTokens.of(files);
        if (tokens.stops().isEmpty()) {
            add(
                    WARNING,
                    "tokenizer_config.json",
                    "names no eos_token: answers end only at the length limit");
        }
        idsInRange(files.model(), "config.json", files);
        idsInRange(files.generation(), "generation_config.json", files);
    }

    private void idsInRange(ObjectNode node, String file, TokenizerFiles files) {
        long rows = files.model().path("vocab_size").asLong(0);
        for (String role : List.of("bos", "eos", "pad")) {
            JsonNode ids = node.path(role + "_token_id");
            for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
                if (id.isIntegralNumber() && (id.longValue() < 0 || id.longValue() >= rows)) {
                    add(
                            ERROR,
                            file,
                            "%s_token_id is %d, but the embedding has %d rows"
                                    .formatted(role, id.longValue(), rows));
                }
            }
        }
    }

    private void template() {
        Optional<ChatTemplate> template = ChatTemplate.find(directory);
        if (template.isEmpty()) {
            return;
        }
        Map<String, Object> conversation =
                new HashMap<>(ModelTokens.of(TokenizerFiles.read(directory)).variables());
        conversation.put("messages", List.of(Map.of("role", "user", "content", "Hello?")));
        conversation.put("add_generation_prompt", true);
        String text = template.get().render(conversation).text();
        if (!text.contains("Hello?")) {
            add(WARNING, "chat template", "leaves out what the user says");
        }
    }

    private void add(Severity severity, String where, String what) {
        findings.add(new Finding(severity, where, what));
    }
}
