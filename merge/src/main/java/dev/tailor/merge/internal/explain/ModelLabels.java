package dev.tailor.merge.internal.explain;

import java.util.List;

/// Short names of the models: the last part of a path where that is enough to tell them apart.
record ModelLabels(List<String> names) {
    static ModelLabels of(Explanation explanation) {
        List<String> full =
                explanation.plan().models().stream()
                        .map(model -> model.reference().text())
                        .toList();
        List<String> last = full.stream().map(ModelLabels::last).toList();
        return new ModelLabels(last.stream().distinct().count() == last.size() ? last : full);
    }

    private static String last(String path) {
        String whole = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return whole.substring(whole.lastIndexOf('/') + 1);
    }

    String of(Participant participant) {
        String name = names.get(participant.model());
        return participant.occurrence() == 0
                ? name
                : name + " (part " + (participant.occurrence() + 1) + ")";
    }
}
