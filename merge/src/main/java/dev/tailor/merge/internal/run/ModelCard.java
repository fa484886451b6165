package dev.tailor.merge.internal.run;

import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.tensors.DType;

import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The `README.md` of a merged model: front matter that the Hugging Face Hub reads, what was
/// merged, how, and under which licences. Names and texts of others stand in it as code, so that
/// they cannot be taken for anything else.
record ModelCard(MergePlan plan, MergeOptions options) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// The licence field of what is not under one of the Hub's licences.
    private static final String OTHER = "other";

    String text() {
        Parents parents = Parents.of(plan);
        MergeMethod method = plan.config().method();
        return """
        %s
        # Merged model

        Made by Tailor: a `%s` merge: %s%s.

        ## Models

        %s
        ## Licence

        %s

        ## Configuration

        %s

        %s
        """
                .formatted(
                        frontMatter(parents),
                        method.key(),
                        method.summary(),
                        method.citation(),
                        models(parents),
                        license(parents),
                        configuration(),
                        numbers());
    }

    private String frontMatter(Parents parents) {
        StringBuilder yaml = new StringBuilder("---\n");
        Optional<Parents.License> license = parents.commonLicense();
        license.map(Parents.License::id)
                .or(() -> parents.licenses().isEmpty() ? Optional.empty() : Optional.of(OTHER))
                .ifPresent(id -> yaml.append("license: ").append(quoted(id)).append('\n'));
        license.flatMap(Parents.License::name)
                .ifPresent(name -> yaml.append("license_name: ").append(quoted(name)).append('\n'));
        license.flatMap(Parents.License::link)
                .ifPresent(link -> yaml.append("license_link: ").append(quoted(link)).append('\n'));
        list(yaml, "base_model", parents.hubNames());
        yaml.append("library_name: transformers\npipeline_tag: text-generation\n");
        list(yaml, "tags", List.of("tailor", "merge", plan.config().method().key()));
        return yaml.append("---\n").toString();
    }

    private static void list(StringBuilder yaml, String key, List<String> values) {
        if (!values.isEmpty()) {
            yaml.append(key).append(":\n");
            values.forEach(value -> yaml.append("- ").append(quoted(value)).append('\n'));
        }
    }

    /// JSON's quotes are YAML's too.
    private static String quoted(String value) {
        return value.matches("[A-Za-z][A-Za-z0-9._/-]*")
                        && !value.matches("(?i)true|false|null|yes|no|on|off|[yn]")
                ? value
                : JSON.writeValueAsString(value);
    }

    private String models(Parents parents) {
        String base = plan.config().base().map(each -> each.text()).orElse("");
        StringBuilder list = new StringBuilder();
        for (Parents.Parent parent : parents.all()) {
            list.append("- ").append(code(parent.name()));
            if (parent.name().equals(base)) {
                list.append(" (base model)");
            }
            parent.license()
                    .ifPresent(
                            license -> list.append(", licence ").append(code(license.toString())));
            parent.lineage().ifPresent(lineage -> list.append(lineage(lineage)));
            list.append('\n');
        }
        return list.toString();
    }

    private static String lineage(ParentLineage lineage) {
        String recipe = lineage.recipe().map(name -> " of the recipe " + code(name)).orElse("");
        String from =
                lineage.from().isEmpty()
                        ? ""
                        : " from "
                                + lineage.from().stream()
                                        .map(ModelCard::code)
                                        .collect(Collectors.joining(", "));
        return ", itself made by Tailor: " + code(lineage.made()) + recipe + from;
    }

    private static String license(Parents parents) {
        Optional<Parents.License> common = parents.commonLicense();
        if (common.isPresent()) {
            return "All models it is made of are under %s."
                    .formatted(code(common.get().toString()));
        }
        if (parents.licenses().isEmpty()) {
            return "**None of the models it is made of names a licence. Find out under which ones"
                    + " they are before you pass this model on.**";
        }
        String licenses =
                parents.all().stream()
                        .map(parent ->
                                code(parent.name())
                                        + ": "
                                        + parent.license()
                                                .map(license -> code(license.toString()))
                                                .orElse("no licence named"))
                        .collect(Collectors.joining("\n- ", "- ", ""));
        return "**The models it is made of are not under one licence. All of their terms hold for"
                + " this model, and they may contradict each other: read them before you use it or"
                + " pass it on.**\n\n"
                + licenses;
    }

    /// The configuration as it was written. One that is part of a recipe is shown as JSON, which is
    /// YAML too.
    private String configuration() {
        String yaml =
                plan.config()
                        .text()
                        .orElseGet(() ->
                                JSON.writerWithDefaultPrettyPrinter()
                                        .writeValueAsString(plan.config().source().plain()))
                        .stripTrailing();
        String fence = "```";
        while (yaml.contains(fence)) {
            fence += "`";
        }
        return fence + "yaml\n" + yaml + "\n" + fence;
    }

    private String numbers() {
        Set<String> types =
                plan.tensors().stream()
                        .map(tensor -> tensor.output().dtype())
                        .map(DType::torchName)
                        .collect(Collectors.toCollection(TreeSet::new));
        String rounding =
                options.compat()
                        ? "every step rounded to " + plan.computeType().torchName()
                        : "computed in float32 and rounded once";
        String seed = plan.isRandom() ? ", with the seed " + options.seed() : "";
        return String.format(
                Locale.ROOT,
                "%,d parameters, %s, stored as %s%s.",
                plan.parameters(),
                rounding,
                String.join(", ", types),
                seed);
    }

    /// Text of others, on one line.
    private static String code(String text) {
        return "`" + text.replace("`", "'").strip().replaceAll("\\s*\\R\\s*", " ") + "`";
    }
}
