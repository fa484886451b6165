package dev.tailor.train.internal.loop;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Digest;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Optimizer;
import dev.tailor.train.LossGuard;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The checkpoints of a run: directories `<settings>/step-<n>`, each written in one step. One that
/// is not whole is passed over; those of other settings make room for the first of these.
final class CheckpointStore {
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String LOSSES = "losses.f64";
    private static final String STATE = "state.json";

    /// A crash while the newest is written still leaves one.
    private static final int KEPT = 2;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path root;
    private final Path directory;
    private final String fingerprint;
    private final Optional<LossGuard> guard;

    /// @param fingerprint a digest of everything that decides how the run goes
    /// @param guard may want to go back to older ones
    CheckpointStore(Path root, String fingerprint, Optional<LossGuard> guard) {
        this.guard = guard;
        this.root = root;
        this.directory = root.resolve(fingerprint.substring(0, 16));
        this.fingerprint = fingerprint;
    }

    /// The small file of a checkpoint: what it belongs to, and the digests of the others.
    record State(
            String fingerprint,
            int step,
            long positions,
            double seconds,
            Map<String, Double> before,
            BestStep best,
            Returns returns,
            Map<String, String> files) {}

    /// A checkpoint that is whole.
    record Found(Path directory, Progress progress) {
        /// Takes optimiser and weights back to where they were.
        void restore(Optimizer optimizer) {
            optimizer.load(directory.resolve(OPTIMIZER));
        }
    }

    /// Writes a checkpoint and deletes those that are no longer needed.
    void save(Progress progress, Optimizer optimizer) {
        Path target = at(progress.steps());
        AtomicWrite.directory(
                target,
                path -> {
                    optimizer.save(path.resolve(OPTIMIZER));
                    Files.write(path.resolve(LOSSES), progress.losses());
                    Map<String, String> files = new TreeMap<>();
                    for (String name : List.of(OPTIMIZER, LOSSES)) {
                        files.put(name, Digest.ofFile(path.resolve(name)));
                    }
                    if (progress.best().exists()) {
                        Path best = bestWeights(progress.best());
                        files.put("../" + best.getFileName(), Digest.ofFile(best));
                    }
                    State state =
                            new State(
                                    fingerprint,
                                    progress.steps(),
                                    progress.positions(),
                                    progress.seconds(),
                                    progress.before(),
                                    progress.best(),
                                    progress.returns(),
                                    files);
                    Files.write(path.resolve(STATE), JSON.writeValueAsBytes(state));
                });
        deleteOldCheckpoints();
        entries(root).filter(other -> !other.equals(directory)).forEach(AtomicWrite::deleteTree);
        deleteOtherBests(progress.best());
    }

    /// Deletes all but the newest and those to which a run that goes on from these may go back.
    private void deleteOldCheckpoints() {
        List<Path> all = checkpoints();
        Set<Path> needed = new HashSet<>(all.subList(0, Math.min(KEPT, all.size())));
        guard.ifPresent(g ->
                all.stream().limit(KEPT).forEach(kept -> needed.add(at(g.target(steps(kept))))));
        all.stream().filter(path -> !needed.contains(path)).forEach(AtomicWrite::deleteTree);
    }

    /// The checkpoint after so many steps, if it is whole; later ones are deleted, they belong to a
    /// way that is given up.
    Optional<Found> goBackTo(int steps) {
        Optional<Found> found = read(at(steps));
        if (found.isPresent()) {
            checkpoints().stream()
                    .filter(path -> steps(path) > steps)
                    .forEach(AtomicWrite::deleteTree);
        }
        return found;
    }

    private Path at(int steps) {
        return directory.resolve("step-%08d".formatted(steps));
    }

    private static int steps(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString().substring("step-".length()));
    }

    /// Writes the weights of the best step.
    void saveBest(BestStep best, CausalModel model) {
        AtomicWrite.file(bestWeights(best), model::saveTrainable);
        deleteOtherBests(best);
    }

    /// Where the weights of a best step are.
    Path bestWeights(BestStep best) {
        return directory.resolve("best-%08d.safetensors".formatted(best.step()));
    }

    /// Deletes weights to which neither a checkpoint nor the run refers.
    private void deleteOtherBests(BestStep best) {
        Set<Path> needed = new HashSet<>(Set.of(bestWeights(best)));
        checkpoints()
                .forEach(checkpoint ->
                        read(checkpoint)
                                .ifPresent(
                                        found -> needed.add(bestWeights(found.progress().best()))));
        entries(directory)
                .filter(path -> path.getFileName().toString().startsWith("best-"))
                .filter(path -> !needed.contains(path))
                .forEach(AtomicWrite::deleteTree);
    }

    /// The newest checkpoint of this run that is whole.
    Optional<Found> latest() {
        for (Path checkpoint : checkpoints()) {
            Optional<Found> found = read(checkpoint);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /// The newest directory, whole or not, for messages.
    Optional<Path> newest() {
        return checkpoints().stream().findFirst();
    }

    /// Deletes all checkpoints.
    void clear() {
        AtomicWrite.deleteTree(root);
    }

    private Optional<Found> read(Path checkpoint) {
        try {
            State state =
                    JSON.readValue(Files.readAllBytes(checkpoint.resolve(STATE)), State.class);
            if (!state.fingerprint().equals(fingerprint) || !whole(checkpoint, state)) {
                return Optional.empty();
            }
            byte[] bytes = Files.readAllBytes(checkpoint.resolve(LOSSES));
            double[] losses = new double[bytes.length / Double.BYTES];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(losses);
            return Optional.of(
                    new Found(
                            checkpoint,
                            new Progress(
                                    losses,
                                    state.positions(),
                                    state.seconds(),
                                    state.before(),
                                    state.best(),
                                    state.returns())));
        } catch (IOException | JacksonException e) {
            return Optional.empty();
        }
    }

    private static boolean whole(Path checkpoint, State state) {
        return state.files().keySet().containsAll(List.of(OPTIMIZER, LOSSES))
                && state.files().entrySet().stream()
                        .allMatch(file -> {
                            Path path = checkpoint.resolve(file.getKey());
                            return Files.isRegularFile(path)
                                    && Digest.ofFile(path).equals(file.getValue());
                        });
    }

    /// All checkpoints, newest first.
    private List<Path> checkpoints() {
        return entries(directory)
                .filter(path -> path.getFileName().toString().matches("step-\\d+"))
                .sorted(Comparator.comparing(Path::getFileName).reversed())
                .toList();
    }

    private static Stream<Path> entries(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Stream.empty();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList().stream();
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
    }
}
