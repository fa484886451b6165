package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.ParameterSpec;
import dev.tailor.merge.ParameterValue;
import dev.tailor.merge.Requirements;
import dev.tailor.merge.Requirements.BaseRole;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether a configuration gives its method all that it needs: models, a base, parameters. Gaps
/// that filters leave are seen when the tensors are known.
///
/// @param place of the configuration as a whole
record CompletenessCheck(MergeConfig config, Location place) {
    static void check(MergeConfig config, Location place) {
        CompletenessCheck check = new CompletenessCheck(config, place);
        check.modelParameters();
        for (MergeConfig.Module module : config.modules()) {
            for (MergeConfig.Slice slice : module.slices()) {
                check.models(slice);
                check.parameters(module, slice);
            }
        }
    }

    private void modelParameters() {
        List<String> named =
                config.slices().stream()
                        .flatMap(slice -> slice.sources().stream())
                        .map(source -> source.model().text())
                        .distinct()
                        .toList();
        for (ModelReference model : config.modelParameters().keySet()) {
            if (!named.contains(model.text())) {
                throw invalid(model.location(), "no model '" + model + "' is merged")
                        .remedy(Suggestion.advice(model.text(), named));
            }
        }
    }

    private void models(MergeConfig.Slice slice) {
        Requirements needs = config.method().requirements();
        Optional<ModelReference> base = slice.base().or(config::base);
        if (needs.base().isRequired() && base.isEmpty()) {
            throw invalid(place, "a " + config.method().key() + " merge needs a 'base_model'");
        }
        boolean listsBase =
                base.isPresent()
                        && slice.sources().stream()
                                .anyMatch(source -> source.model().equals(base.get()));
        int count = slice.sources().size() - (needs.base().isOrigin() && listsBase ? 1 : 0);
        Location first = slice.sources().getFirst().model().location();
        if (count < needs.fewestModels() || count > needs.mostModels()) {
            TailorException error =
                    invalid(
                            first,
                            "a %s merge takes %s, found %d"
                                    .formatted(config.method().key(), needs.inWords(), count));
            throw needs.base() == BaseRole.ONE_OF_THE_MODELS
                    ? error.remedy("the base model is one of them")
                    : error;
        }
        if (needs.base() == BaseRole.ONE_OF_THE_MODELS && !listsBase) {
            throw invalid(
                    base.orElseThrow().location(),
                    "the base model must be one of the models of a "
                            + config.method().key()
                            + " merge");
        }
    }

    private void parameters(MergeConfig.Module module, MergeConfig.Slice slice) {
        for (ParameterSpec spec : config.method().parameters()) {
            if (!spec.required()
                    || has(config.parameters(), spec)
                    || has(module.parameters(), spec)
                    || has(slice.parameters(), spec)) {
                continue;
            }
            if (spec.scope() == ParameterSpec.Scope.MERGE) {
                throw invalid(
                                place,
                                "a " + config.method().key() + " merge needs '" + spec.name() + "'")
                        .remedy("write it below 'parameters'");
            }
            Optional<ModelReference> base =
                    config.method().requirements().base().isOrigin()
                            ? slice.base().or(config::base)
                            : Optional.empty();
            boolean originSeen = false;
            for (MergeConfig.Source source : slice.sources()) {
                if (!originSeen && base.equals(Optional.of(source.model()))) {
                    originSeen = true;
                } else if (!has(source.parameters(), spec)
                        && !has(
                                config.modelParameters().getOrDefault(source.model(), Map.of()),
                                spec)) {
                    throw invalid(
                                    source.model().location(),
                                    "'" + source.model() + "' has no '" + spec.name() + "'")
                            .remedy("write it below the model's 'parameters', or once for all");
                }
            }
        }
    }

    private static boolean has(Map<String, ParameterValue> values, ParameterSpec spec) {
        return values.containsKey(spec.name());
    }
}
