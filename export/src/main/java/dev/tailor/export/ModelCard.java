package dev.tailor.export;

import dev.tailor.core.AtomicWrite;
import dev.tailor.export.internal.card.CardText;
import dev.tailor.export.internal.card.FrontMatter;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The `README.md` of a model: front matter that the Hugging Face Hub reads, then what the model
/// is, what was done to it, on what data, and what was measured.
///
/// @param name the title
/// @param summary one paragraph
/// @param baseModels what it was made from: paths or Hub names
/// @param license an SPDX-like identifier of the Hub, such as `apache-2.0`
/// @param languages codes such as `en`
/// @param tags beside `tailor`, which is always there
/// @param steps what was done, in order
/// @param data what it was trained on
/// @param metrics what was measured
/// @param facts further lines of a table, such as the seed and versions, in their order
public record ModelCard(
        String name,
        String summary,
        List<String> baseModels,
        Optional<String> license,
        List<String> languages,
        List<String> tags,
        List<Step> steps,
        List<Data> data,
        List<Metric> metrics,
        Map<String, String> facts) {
    /// The file's name in a model directory.
    public static final String FILE_NAME = "README.md";

    public ModelCard {
        baseModels = List.copyOf(baseModels);
        languages = List.copyOf(languages);
        tags = List.copyOf(tags);
        steps = List.copyOf(steps);
        data = List.copyOf(data);
        metrics = List.copyOf(metrics);
    }

    /// Something that was done to the model.
    ///
    /// @param name such as `sft` or `merge (ties)`
    /// @param description one sentence
    public record Step(String name, String description) {}

    /// Data the model was trained on.
    ///
    /// @param name of the file or data set
    /// @param rows that were used
    /// @param sha256 of the file, if known
    public record Data(String name, long rows, Optional<String> sha256) {}

    /// A measurement.
    ///
    /// @param task what it was measured on
    /// @param name such as `exact_match` or `perplexity`
    /// @param value of this model
    /// @param standardError of the value, where there is one
    /// @param base the same measurement of the base model, where it was made
    public record Metric(
            String task,
            String name,
            double value,
            OptionalDouble standardError,
            OptionalDouble base) {}

    /// A card with a title and a paragraph, to be filled by the `with` methods.
    public static ModelCard of(String name, String summary) {
        return new ModelCard(
                name,
                summary,
                List.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of());
    }

    /// The same card with base models and the licence that follows from them.
    public ModelCard madeFrom(List<String> baseModels, Optional<String> license) {
        return new ModelCard(
                name, summary, baseModels, license, languages, tags, steps, data, metrics, facts);
    }

    /// The same card with tags and languages.
    public ModelCard tagged(List<String> tags, List<String> languages) {
        return new ModelCard(
                name, summary, baseModels, license, languages, tags, steps, data, metrics, facts);
    }

    /// The same card with what was done, and on what.
    public ModelCard withSteps(List<Step> steps, List<Data> data) {
        return new ModelCard(
                name, summary, baseModels, license, languages, tags, steps, data, metrics, facts);
    }

    /// The same card with measurements.
    public ModelCard withMetrics(List<Metric> metrics) {
        return new ModelCard(
                name, summary, baseModels, license, languages, tags, steps, data, metrics, facts);
    }

    /// The same card with further facts.
    public ModelCard withFacts(Map<String, String> facts) {
        return new ModelCard(
                name, summary, baseModels, license, languages, tags, steps, data, metrics, facts);
    }

    /// The card as Markdown with front matter.
    public String text() {
        return FrontMatter.of(this) + CardText.of(this);
    }

    /// Writes the card into a model directory.
    public void write(Path directory) {
        AtomicWrite.text(directory.resolve(FILE_NAME), text());
    }

    /// The licence a model directory's own card names, if it has one that can be read. What is made
    /// from a model usually inherits its licence.
    public static Optional<String> licenseOf(Path directory) {
        return dev.tailor.core.yaml.FrontMatter.read(directory.resolve(FILE_NAME)).text("license");
    }
}
