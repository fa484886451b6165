package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.Requirements.BaseRole;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds out who takes part in the slices of one module.
///
/// @param target the module as the output has it
/// @param isMain whether it is the one that makes text
record ModuleRoles(
        PlanContext context, MergeConfig.Module definition, LayerNames target, boolean isMain) {
    /// Who takes part in a slice and as what, with whole models given all their layers. Where a
    /// base stands several times in a slice, its first place is that of the base.
    SliceRoles of(MergeConfig.Slice slice) {
        MergeConfig config = context.config();
        BaseRole role = config.method().requirements().base();
        Optional<ModelReference> base = slice.base().or(config::base);
        List<SliceRoles.Participant> participants = new ArrayList<>();
        Optional<SliceRoles.Participant> origin = Optional.empty();
        boolean baseSeen = false;
        for (MergeConfig.Source source : slice.sources()) {
            SliceRoles.Participant participant = participant(source);
            boolean isBase = !baseSeen && base.equals(Optional.of(source.model()));
            baseSeen |= isBase;
            if (isBase && role.isOrigin()) {
                origin = Optional.of(participant);
            } else if (isBase && role == BaseRole.ONE_OF_THE_MODELS) {
                participants.addFirst(participant);
            } else {
                participants.add(participant);
            }
        }
        if (role.isOrigin() && base.isPresent() && origin.isEmpty()) {
            origin = Optional.of(originOf(slice, base.get(), participants));
        }
        SliceRoles roles =
                new SliceRoles(
                        origin, participants, new ParameterLookup(config, definition, slice));
        requireSameDepth(roles);
        return roles;
    }

    private SliceRoles.Participant originOf(
            MergeConfig.Slice slice,
            ModelReference base,
            List<SliceRoles.Participant> participants) {
        boolean whole = slice.sources().getFirst().layers().isEmpty();
        MergeConfig.LayerRange range = participants.getFirst().range();
        boolean same = participants.stream().allMatch(each -> each.range().equals(range));
        if (!whole && !same) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "it is not clear which layers of the base model belong to this slice")
                    .at(slice.sources().getFirst().model().location())
                    .remedy("list '" + base + "' among its sources with a 'layer_range'");
        }
        return participant(
                new MergeConfig.Source(
                        base, whole ? Optional.empty() : Optional.of(range), Map.of()));
    }

    private SliceRoles.Participant participant(MergeConfig.Source source) {
        int model = context.index(source.model());
        LayerNames module = context.structures().get(model).counterpart(target, isMain);
        MergeConfig.LayerRange range =
                source.layers().orElse(new MergeConfig.LayerRange(0, module.count()));
        if (source.layers().isPresent() && !target.layers().isEmpty()) {
            requireLayers(source, module, range);
        }
        return new SliceRoles.Participant(model, source, module, range);
    }

    private void requireLayers(
            MergeConfig.Source source, LayerNames module, MergeConfig.LayerRange range) {
        for (int layer = range.first(); layer < range.end(); layer++) {
            if (!module.layers().containsKey(layer)) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "'%s' has no layer %d%s, only %d"
                                        .formatted(
                                                source.model(),
                                                layer,
                                                target.root().isEmpty()
                                                        ? ""
                                                        : " in '" + target.name() + "'",
                                                module.count()))
                        .at(source.model().location());
            }
        }
    }

    private static void requireSameDepth(SliceRoles roles) {
        SliceRoles.Participant first = roles.first();
        for (SliceRoles.Participant participant : roles.all()) {
            if (participant.hasModule() && participant.range().size() != first.range().size()) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "the models have different numbers of layers: '%s' has %d, '%s' has %d"
                                        .formatted(
                                                first.source().model(),
                                                first.range().size(),
                                                participant.source().model(),
                                                participant.range().size()))
                        .at(participant.source().model().location())
                        .remedy("choose layers with 'slices'");
            }
        }
    }
}
