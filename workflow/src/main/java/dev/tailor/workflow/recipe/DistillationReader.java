package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.TailorException;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.distillation.DistillationLoss;
import dev.tailor.train.distillation.DistillationLoss.Part;
import dev.tailor.train.distillation.HiddenDistance;
import dev.tailor.train.distillation.HiddenPairs;
import dev.tailor.train.distillation.MissingMass;
import dev.tailor.train.distillation.StorePrecision;
import dev.tailor.train.distillation.Teaching;
import dev.tailor.train.distillation.TokenDivergence;
import dev.tailor.workflow.internal.keys.Values;
import dev.tailor.workflow.internal.keys.Variant;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Turns the values of a distill stage into its objective, without the teacher, which is found when
/// the stage runs. A setting that no loss of the stage reads is an error unless it has its default.
record DistillationReader(Values values, Path directory) {
    Distillation objective() {
        List<Part> losses = new ArrayList<>();
        values.weights("loss").forEach((word, weight) -> losses.add(new Part(loss(word), weight)));
        Teaching teaching = teaching(values.variant("teaching"));
        check(losses, teaching);
        return new Distillation(
                values.flag("pack"),
                LessonReader.trainOn(values.text("train-on")),
                losses,
                values.real("temperature"),
                pairs(),
                values.text("projections").equals("always"),
                teaching,
                Optional.empty());
    }

    private static DistillationLoss loss(String word) {
        return switch (word) {
            case "cross-entropy" -> new DistillationLoss.CrossEntropy();
            case "kl" -> new DistillationLoss.Tokens(new TokenDivergence.ForwardKl());
            case "reverse-kl" -> new DistillationLoss.Tokens(new TokenDivergence.ReverseKl());
            case "jsd" -> new DistillationLoss.Tokens(new TokenDivergence.JensenShannon());
            case "tvd" -> new DistillationLoss.Tokens(new TokenDivergence.TotalVariation());
            case "hidden-mse" -> new DistillationLoss.Hidden(HiddenDistance.SQUARE);
            case "hidden-cosine" -> new DistillationLoss.Hidden(HiddenDistance.COSINE);
            default -> throw new IllegalStateException("not in the table: " + word);
        };
    }

    private Teaching teaching(Variant teaching) {
        Values own = teaching.values();
        return switch (teaching.name()) {
            case "online" -> new Teaching.Online();
            case "offline" ->
                    new Teaching.Stored(
                            own.integer("top"),
                            MissingMass.valueOf(
                                    own.text("missing-mass")
                                            .replace('-', '_')
                                            .toUpperCase(Locale.ROOT)),
                            StorePrecision.valueOf(own.text("precision").toUpperCase(Locale.ROOT)),
                            own.optionalText("store").map(directory::resolve));
            default -> throw new IllegalStateException("not in the table: " + teaching.name());
        };
    }

    private void check(List<Part> losses, Teaching teaching) {
        boolean hidden = Distillation.comparesHidden(losses);
        boolean tokens =
                losses.stream().anyMatch(part -> part.loss() instanceof DistillationLoss.Tokens);
        if (!hidden && !tokens) {
            throw invalid(values.place("loss"), "no loss of this stage asks the teacher")
                    .remedy("add one, such as kl, or use an sft stage");
        }
        if (!tokens && values.real("temperature") != 1) {
            throw idle("temperature", "kl, reverse-kl, jsd and tvd");
        }
        if (!hidden && !values.texts("hidden-layers").equals(List.of("last"))) {
            throw idle("hidden-layers", "hidden-mse and hidden-cosine");
        }
        if (!hidden && values.text("projections").equals("always")) {
            throw idle("projections", "hidden-mse and hidden-cosine");
        }
        if (teaching instanceof Teaching.Stored stored) {
            if (hidden) {
                throw invalid(values.place("teaching"), "hidden states are not kept on disk")
                        .remedy("ask the teacher online, or leave out the loss of hidden states");
            }
            if (stored.missing() == MissingMass.ZERO && Distillation.needsEveryOutcome(losses)) {
                throw invalid(
                                values.place("teaching"),
                                "reverse-kl is infinite with 'missing-mass: zero', which gives"
                                        + " tokens no probability")
                        .remedy("use 'missing-mass: rest', or another loss");
            }
            if (!values.has("teacher") && stored.stores().isEmpty()) {
                throw noTeacher("name it: 'teacher: MODEL', or the 'store' of what it said");
            }
        } else if (!values.has("teacher")) {
            throw noTeacher("name it: 'teacher: MODEL'");
        }
    }

    private TailorException noTeacher(String remedy) {
        return invalid(values.location(), "this distill stage has no teacher").remedy(remedy);
    }

    private TailorException idle(String key, String readers) {
        return invalid(
                        values.place(key),
                        "'%s' has no effect with the losses %s"
                                .formatted(key, String.join(", ", values.weights("loss").keySet())))
                .remedy("it belongs to " + readers + ": leave it out");
    }

    private HiddenPairs pairs() {
        List<String> words = values.texts("hidden-layers");
        if (words.equals(List.of("last"))) {
            return new HiddenPairs.Last();
        }
        if (words.equals(List.of("all"))) {
            return new HiddenPairs.All();
        }
        List<HiddenPairs.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String[] numbers = words.get(i).split(":", -1);
            if (numbers.length != 2) {
                throw invalid(
                                values.place("hidden-layers[" + i + "]"),
                                "'%s' stands alone, not among pairs".formatted(words.get(i)))
                        .remedy("write 'hidden-layers: %s', or pairs only".formatted(words.get(i)));
            }
            pairs.add(
                    new HiddenPairs.Pair(
                            Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])));
        }
        if (pairs.isEmpty()) {
            throw invalid(values.place("hidden-layers"), "'hidden-layers' is empty");
        }
        if (pairs.stream().distinct().count() < pairs.size()) {
            throw invalid(values.place("hidden-layers"), "a pair stands twice");
        }
        return new HiddenPairs.Listed(pairs);
    }
}
