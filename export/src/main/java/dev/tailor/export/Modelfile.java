package dev.tailor.export;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.TailorException;
import dev.tailor.export.internal.chat.ChatShape;
import dev.tailor.export.internal.chat.GoTemplate;
import dev.tailor.export.internal.tokenizer.ModelTokens;
import dev.tailor.export.internal.tokenizer.TokenizerFiles;
import dev.tailor.text.ChatTemplate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What Ollama needs to run a GGUF file the way its model was trained: the file, the chat template
/// in Ollama's language (Go templates), and the texts that end an answer. Without them Ollama
/// guesses the template, and a model whose template it does not know rambles.
///
/// @param from the GGUF file, relative to the Modelfile
/// @param template the Go template; empty where the model's template cannot be said in it, or where
///   it has none
/// @param stops what ends an answer
/// @param temperature of sampling, 0 is greedy
/// @param notes what the user should know, written as comments
public record Modelfile(
        String from,
        Optional<String> template,
        List<String> stops,
        double temperature,
        List<String> notes) {
    /// What Ollama users mostly get from tuned models; its own default is 0.8.
    private static final double USUAL_TEMPERATURE = 0.7;

    public Modelfile {
        stops = List.copyOf(stops);
        notes = List.copyOf(notes);
    }

    /// The Modelfile of a model directory.
    ///
    /// The chat template is translated if it treats every message alike, and then renders as the
    /// original does; the temperature is that of `generation_config.json`, or 0.7.
    ///
    /// @param model the directory the GGUF file was made from
    /// @param from how the Modelfile names the GGUF file
    /// @throws TailorException `FILE_NOT_FOUND`, `TEMPLATE_INVALID`
    public static Modelfile of(Path model, String from) {
        TokenizerFiles files = TokenizerFiles.read(model);
        ModelTokens tokens = ModelTokens.of(files);
        List<String> stops = new ArrayList<>(tokens.stops());
        List<String> notes = new ArrayList<>();
        Optional<String> translated = Optional.empty();
        Optional<ChatTemplate> template = ChatTemplate.find(model);
        if (template.isEmpty()) {
            notes.add("The model has no chat template: it continues the text it is given.");
            translated = Optional.of("{{ .Prompt }}");
        } else {
            Optional<ChatShape> shape = ChatShape.of(template.get(), tokens.variables());
            translated = shape.map(it -> GoTemplate.of(it, tokens.bos(), tokens.addsBos()));
            shape.map(it -> it.assistant().after().strip())
                    .filter(end -> !end.isEmpty() && stops.stream().noneMatch(end::contains))
                    .ifPresent(stops::add);
            if (translated.isEmpty()) {
                notes.add(
                        "The chat template does more than a Go template can be derived from, so"
                                + " there is no TEMPLATE here:");
                notes.add(
                        "Ollama reads the one inside the GGUF file and looks for one it knows."
                                + " Check the answers before you rely on them.");
            }
        }
        double temperature = files.generation().path("temperature").asDouble(USUAL_TEMPERATURE);
        return new Modelfile(from, translated, stops, temperature, notes);
    }

    /// The file's text.
    public String text() {
        StringBuilder text = new StringBuilder();
        notes.forEach(note -> text.append("# ").append(note).append('\n'));
        text.append("FROM ").append(from).append("\n\n");
        template.ifPresent(it -> text.append("TEMPLATE \"\"\"").append(it).append("\"\"\"\n\n"));
        for (String stop : stops) {
            text.append("PARAMETER stop \"").append(stop.replace("\"", "\\\"")).append("\"\n");
        }
        text.append("PARAMETER temperature ").append(temperature).append('\n');
        return text.toString();
    }

    /// Writes the file.
    public void write(Path file) {
        AtomicWrite.text(file, text());
    }
}
