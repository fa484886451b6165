package dev.tailor.workflow;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.Event;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A recipe with every kind of stage and data to go with it, small enough to run in seconds.
final class TinyProject {
    static final String RECIPE =
            """
            tailor: 1
            name: tiny
            seed: 7
            data:
              corpus:    {path: corpus.txt, kind: text, split: paragraph}
              questions: {path: questions.jsonl}
              choices:   {path: choices.jsonl}
            stages:
              - init:  {id: fresh, architecture: {hidden-size: 32, layers: 2, heads: 2, intermediate-size: 64, context: 128}, tokenizer: {data: corpus, vocabulary: 300}}
              - cpt:   {id: domain, from: fresh, data: corpus, evaluation: corpus, sequence-length: 48, batch-size: 2, epochs: 3, learning-rate: 3e-3, checkpoint-every: 3}
              - sft:   {id: instruct, from: domain, data: questions, tune: {lora: {rank: 4, dropout: 0.1}}, sequence-length: 128, batch-size: 2, epochs: 2, learning-rate: 1e-3, checkpoint-every: 2}
              - dpo:   {id: aligned, from: instruct, data: choices, tune: {lora: {rank: 2}}, sequence-length: 128, batch-size: 2, checkpoint-every: 1}
              - kto:   {id: liked, from: instruct, data: choices, evaluation: choices, tune: {lora: {rank: 2}}, sequence-length: 128, batch-size: 4, max-steps: 2}
              - merge: {id: merged, method: linear, models: [{model: domain, parameters: {weight: 0.5}}, {model: aligned, parameters: {weight: 0.5}}]}
              - eval:  {id: board, models: [domain, aligned, merged], tasks: [questions, "perplexity:corpus", choices], limit: 4, max-tokens: 8}
              - gate:  {on: merged, require: {"perplexity:corpus.token_perplexity": "<= domain + 1000"}}
              - export: {from: merged, gguf: f16}
            """;

    private final Path directory;

    TinyProject(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory);
        StringBuilder corpus = new StringBuilder();
        StringBuilder questions = new StringBuilder();
        StringBuilder choices = new StringBuilder();
        List<String> towns =
                List.of("Arle", "Bray", "Corn", "Dunn", "Esk", "Fleet", "Gorse", "Holt");
        for (int i = 0; i < towns.size(); i++) {
            String town = towns.get(i);
            corpus.append(
                            "The depot at %s opens at %d and keeps %d vans. "
                                    .formatted(town, i + 5, i * 3))
                    .append("Its keys hang beside the door.\n\n");
            questions.append(
                    """
                    {"messages": [{"role": "user", "content": "When does %s open?"}, {"role": "assistant", "content": "at %d"}]}
                    """
                            .formatted(town, i + 5));
            choices.append(
                    """
                    {"prompt": "How many vans at %s?", "chosen": "%d vans", "rejected": "ask the depot"}
                    """
                            .formatted(town, i * 3));
        }
        Files.writeString(directory.resolve("corpus.txt"), corpus);
        Files.writeString(directory.resolve("questions.jsonl"), questions);
        Files.writeString(directory.resolve("choices.jsonl"), choices);
        write(RECIPE);
    }

    void write(String recipe) throws IOException {
        Files.writeString(directory.resolve("recipe.yaml"), recipe);
    }

    Path recipe() {
        return directory.resolve("recipe.yaml");
    }

    RunRecord run(RunDirectory run) {
        return run(run, Event.Listener.none(), Cancellation.never());
    }

    RunRecord run(RunDirectory run, Event.Listener listener, Cancellation cancellation) {
        return Run.of(Recipe.read(recipe()), run, Optional.empty(), listener, cancellation);
    }

    /// The digest of every file of every model of a run, by its place.
    static Map<String, String> bytes(RunDirectory run) throws IOException {
        Map<String, String> bytes = new TreeMap<>();
        for (String stage : List.of("fresh", "domain", "instruct", "aligned", "merged", "export")) {
            Path root = run.stage(stage);
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(Files::isRegularFile)
                        .forEach(file ->
                                bytes.put(
                                        stage + "/" + root.relativize(file), Digest.ofFile(file)));
            }
        }
        return bytes;
    }
}
