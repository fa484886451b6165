package dev.tailor.workflow;

import dev.tailor.train.Tuning;
import dev.tailor.workflow.recipe.Lesson;
import dev.tailor.workflow.recipe.Stage;

/// A stage in a few words, for progress and plans.
final class Descriptions {
    private Descriptions() {}

    static String of(Stage stage) {
        return switch (stage) {
            case Stage.Init s ->
                    "new model, %d layers of width %d"
                            .formatted(s.architecture().layers(), s.architecture().hiddenSize());
            case Stage.Cpt s -> training("continued pre-training of", s.lesson());
            case Stage.Sft s -> training("supervised fine-tuning of", s.lesson());
            case Stage.Dpo s -> training("preference optimisation of", s.lesson());
            case Stage.Kto s ->
                    training("preference optimisation on single answers of", s.lesson());
            case Stage.Distill s ->
                    training(
                            s.teacher()
                                    .map(teacher -> "distillation of " + teacher.text() + " into")
                                    .orElse("distillation of a store into"),
                            s.lesson());
            case Stage.Merge s -> "merge of " + String.join(", ", s.references().keySet());
            case Stage.Eval s ->
                    "%d models by %d tasks".formatted(s.models().size(), s.tasks().size());
            case Stage.Gate s -> "requirements on " + s.on().text();
            case Stage.Export s -> "GGUF " + s.gguf() + " of " + s.from().text();
        };
    }

    private static String training(String what, Lesson lesson) {
        String tuning =
                switch (lesson.tuning()) {
                    case Tuning.Full full -> "all weights";
                    case Tuning.Lora lora -> "LoRA rank " + lora.config().rank();
                    case Tuning.Qlora qlora -> "QLoRA rank " + qlora.lora().config().rank();
                    case Tuning.Spectrum spectrum ->
                            "Spectrum top %.0f %%".formatted(spectrum.topPercent());
                };
        return "%s %s on %s, %s"
                .formatted(what, lesson.from().text(), String.join(", ", lesson.data()), tuning);
    }
}
