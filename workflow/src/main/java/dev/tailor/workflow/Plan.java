package dev.tailor.workflow;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.train.ChainSummary;
import dev.tailor.train.Device;
import dev.tailor.train.Memory;
import dev.tailor.train.Proposal;
import dev.tailor.train.Target;
import dev.tailor.train.TrainEstimate;
import dev.tailor.workflow.internal.stages.Forecast;
import dev.tailor.workflow.internal.stages.Ingredients;
import dev.tailor.workflow.internal.stages.Preflight;
import dev.tailor.workflow.internal.stages.Resources;
import dev.tailor.workflow.internal.stages.Reuse;
import dev.tailor.workflow.internal.stages.Workspace;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.StageState.DataUse;
import dev.tailor.workflow.store.Store;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// What a run would do, and what it would take.
///
/// @param stages the stages in order
/// @param data the data sets they read
/// @param peakMemoryBytes of the hungriest training stage; empty if one of them is not known yet
/// @param device the graphics card it is planned for; empty: this machine
/// @param memoryBytes what the card or the machine has
/// @param diskBytes results and checkpoints
/// @param freeDiskBytes what is free where the run's directory lies
/// @param seconds how long the stages that run will take; empty if one of them is not known
public record Plan(
        String name,
        List<StagePlan> stages,
        List<DataUse> data,
        OptionalLong peakMemoryBytes,
        Optional<Device> device,
        long memoryBytes,
        long diskBytes,
        long freeDiskBytes,
        OptionalDouble seconds) {

    /// A stage of a plan.
    ///
    /// @param reused whether its result from an earlier run is taken
    /// @param reasons why it is not; empty if it was never made
    /// @param training what a training stage will take, where that is known
    /// @param diskBytes of its result and its work
    /// @param seconds how long it will take: estimated, or as long as the last time
    /// @param notes what the user should know
    public record StagePlan(
            String id,
            String kind,
            String description,
            boolean reused,
            List<String> reasons,
            Optional<Training> training,
            long diskBytes,
            OptionalDouble seconds,
            List<String> notes) {}

    /// What a training stage will take.
    ///
    /// @param rows packed rows of an epoch
    /// @param tokens positions the model will read in all
    /// @param trainedTokens tokens it learns to predict in one epoch
    /// @param dropped samples left out, by reason
    /// @param chains what became of texts with questions and answers
    /// @param memory what the memory is taken by
    /// @param proposals settings that fit; of this machine only where the recipe's do not
    public record Training(
            long parameters,
            long trainableParameters,
            long samples,
            long rows,
            long steps,
            long tokens,
            long trainedTokens,
            long truncated,
            Map<String, Long> dropped,
            ChainSummary chains,
            long peakMemoryBytes,
            Memory memory,
            List<Proposal> proposals) {}

    /// Plans a run of a recipe in a directory, whether or not there has been one. Reads and
    /// tokenises the data; writes nothing but remembered digests.
    ///
    /// @param device the graphics card to plan for; empty: this machine
    /// @param measureSpeed whether to spend some seconds per stage on timing, on this machine
    /// @param listener hears of models that are fetched
    /// @throws dev.tailor.core.TailorException whatever a run would fail with before it begins
    public static Plan of(
            Recipe recipe,
            RunDirectory directory,
            Optional<Device> device,
            boolean measureSpeed,
            Event.Listener listener,
            Cancellation cancellation) {
        Workspace workspace = Workspace.of(recipe, directory, listener);
        Preflight.check(workspace);
        Target target =
                device.isPresent()
                        ? new Target.Card(device.get())
                        : new Target.Here(Resources.memory(), measureSpeed);
        Planner planner = new Planner(workspace, target, cancellation);
        List<StagePlan> stages = new ArrayList<>();
        recipe.stages().forEach(stage -> stages.add(planner.stage(stage)));
        List<DataUse> data =
                recipe.stages().stream()
                        .flatMap(stage -> stage.data().stream())
                        .distinct()
                        .map(workspace.data()::use)
                        .toList();
        return new Plan(
                recipe.name(),
                List.copyOf(stages),
                data,
                planner.peakMemory(stages),
                device,
                target.memoryBytes(),
                stages.stream().mapToLong(StagePlan::diskBytes).sum(),
                Resources.freeDisk(directory.root()),
                seconds(stages));
    }

    /// Fails if the machine cannot do it, or the card has too little memory.
    ///
    /// @throws dev.tailor.core.TailorException OUT_OF_MEMORY or DISK_FULL
    public void requireFit(RunDirectory directory) {
        for (StagePlan stage : stages) {
            stage.training()
                    .ifPresent(training ->
                            Resources.requireMemory(
                                    training.memory().step(),
                                    memoryBytes,
                                    "the stage '"
                                            + stage.id()
                                            + "'"
                                            + device.map(card -> " on an " + card.title())
                                                    .orElse(""),
                                    training.proposals()));
        }
        if (device.isEmpty()) {
            Resources.requireDisk(diskBytes, directory.root(), "the run");
        }
    }

    private static OptionalDouble seconds(List<StagePlan> stages) {
        double sum = 0;
        for (StagePlan stage : stages) {
            if (!stage.reused()) {
                if (stage.seconds().isEmpty()) {
                    return OptionalDouble.empty();
                }
                sum += stage.seconds().getAsDouble();
            }
        }
        return OptionalDouble.of(sum);
    }

    /// Plans stage by stage, remembering which ones will have new results.
    private static final class Planner {
        private final Workspace workspace;
        private final Target target;
        private final Cancellation cancellation;
        private final Set<String> anew = new HashSet<>();

        Planner(Workspace workspace, Target target, Cancellation cancellation) {
            this.workspace = workspace;
            this.target = target;
            this.cancellation = cancellation;
        }

        StagePlan stage(Stage stage) {
            cancellation.check();
            List<String> waitsFor = needs(stage).stream().filter(anew::contains).toList();
            Optional<StageState> earlier = Store.stage(workspace.directory(), stage.id());
            if (waitsFor.isEmpty()) {
                return switch (Reuse.of(stage, Ingredients.of(stage, workspace), workspace)) {
                    case Reuse.Holds _ -> reused(stage);
                    case Reuse.Made(List<String> reasons) -> planned(stage, reasons, earlier);
                };
            }
            List<String> reasons =
                    earlier.isEmpty()
                            ? List.of()
                            : waitsFor.stream()
                                    .map(id -> "the result of '" + id + "' may change")
                                    .toList();
            return planned(stage, reasons, earlier);
        }

        private static StagePlan reused(Stage stage) {
            return new StagePlan(
                    stage.id(),
                    stage.kind(),
                    Descriptions.of(stage),
                    true,
                    List.of(),
                    Optional.empty(),
                    0,
                    OptionalDouble.of(0),
                    List.of());
        }

        /// A gate needs the boards it looks at.
        private List<String> needs(Stage stage) {
            List<String> needs = new ArrayList<>(stage.needs());
            if (stage instanceof Stage.Gate gate) {
                workspace.recipe().stages().stream()
                        .filter(Stage.Eval.class::isInstance)
                        .map(Stage.Eval.class::cast)
                        .filter(eval -> eval.models().contains(gate.on()))
                        .forEach(eval -> needs.add(eval.id()));
            }
            return needs;
        }

        OptionalLong peakMemory(List<StagePlan> stages) {
            long most = 0;
            for (StagePlan stage : stages) {
                boolean trains =
                        workspace
                                .recipe()
                                .stage(stage.id())
                                .filter(Stage.Training.class::isInstance)
                                .isPresent();
                if (trains && !stage.reused() && stage.training().isEmpty()) {
                    return OptionalLong.empty();
                }
                most = Math.max(most, stage.training().map(Training::peakMemoryBytes).orElse(0L));
            }
            return OptionalLong.of(most);
        }

        private StagePlan planned(Stage stage, List<String> reasons, Optional<StageState> earlier) {
            anew.add(stage.id());
            Optional<TrainEstimate> estimate =
                    stage instanceof Stage.Training training
                            ? Forecast.of(training, workspace, target, cancellation)
                            : Optional.empty();
            List<String> notes = new ArrayList<>();
            estimate.ifPresent(e -> notes.addAll(e.warnings()));
            estimate.map(e -> e.data().chains())
                    .filter(ChainSummary::any)
                    .ifPresent(chains -> notes.add(chains.toString()));
            if (stage instanceof Stage.Training && estimate.isEmpty()) {
                notes.add("what it takes is known once its model has been made");
            }
            return new StagePlan(
                    stage.id(),
                    stage.kind(),
                    Descriptions.of(stage),
                    false,
                    reasons,
                    estimate.map(Planner::training),
                    estimate.map(TrainEstimate::diskBytes).orElseGet(() -> disk(stage)),
                    seconds(stage, estimate, earlier),
                    notes);
        }

        private static Training training(TrainEstimate estimate) {
            return new Training(
                    estimate.parameters(),
                    estimate.trainableParameters(),
                    estimate.data().samples(),
                    estimate.data().rows(),
                    estimate.steps(),
                    estimate.tokens(),
                    estimate.data().trainedTokens(),
                    estimate.data().truncated(),
                    estimate.data().dropped(),
                    estimate.data().chains(),
                    estimate.memory().peak(),
                    estimate.memory(),
                    estimate.proposals());
        }

        private OptionalDouble seconds(
                Stage stage, Optional<TrainEstimate> estimate, Optional<StageState> earlier) {
            if (estimate.isPresent() && estimate.get().seconds().isPresent()) {
                return estimate.get().seconds();
            }
            if (earlier.isPresent() && target instanceof Target.Here) {
                return OptionalDouble.of(earlier.get().seconds());
            }
            return stage instanceof Stage.Gate ? OptionalDouble.of(0) : OptionalDouble.empty();
        }

        private long disk(Stage stage) {
            return switch (stage) {
                case Stage.Merge merge ->
                        merge.chain().links().size()
                                * Forecast.modelBytes(
                                        merge.models().getFirst(),
                                        merge.heading().place(),
                                        workspace);
                case Stage.Export export ->
                        Forecast.modelBytes(
                                export.from(), export.heading().place("from"), workspace);
                case Stage.Init s -> 0;
                case Stage.Training s -> 0;
                case Stage.Eval s -> 0;
                case Stage.Gate s -> 0;
            };
        }
    }
}
