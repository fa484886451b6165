package dev.tailor.merge.internal.run;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Crc32;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.explain.Explainer;
import dev.tailor.merge.internal.explain.TensorMeasure;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.merge.internal.kernel.Rounding;
import dev.tailor.merge.internal.method.Tally;
import dev.tailor.merge.internal.method.TileOperation;
import dev.tailor.merge.internal.method.Work;
import dev.tailor.merge.internal.plan.OpenModel;
import dev.tailor.merge.internal.source.RemappedRows;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.merge.internal.tile.InputWatch;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;
import dev.tailor.merge.internal.tile.Workers;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// Carries out a plan: tensor after tensor, each by all threads, tile by tile. What is done is
/// journalled, so that a merge that was stopped goes on where it was.
public final class MergeRun {
    private static final String STAGE = "merge";

    private final MergePlan plan;
    private final MergeOptions options;
    private final Event.Listener listener;
    private final Cancellation cancellation;
    private final MergeKernels kernels;
    private final Converter converter;
    private final InputSums inputSums;
    private final Optional<Explainer> explainer;

    /// A run of a plan.
    public MergeRun(
            MergePlan plan,
            MergeOptions options,
            Event.Listener listener,
            Cancellation cancellation) {
        this.plan = plan;
        this.options = options;
        this.listener = listener;
        this.cancellation = cancellation;
        this.kernels = MergeKernels.forElements(plan.parameters());
        this.converter = Converter.forElements(plan.parameters());
        this.inputSums = new InputSums(plan.models().size());
        this.explainer = Explainer.of(plan, options);
    }

    /// Writes the whole model into a directory, which is empty or holds what an earlier run of the
    /// same merge left.
    public void write(Path directory) {
        plan.notes().forEach(this::note);
        InputFiles inputFiles = InputFiles.of(plan);
        Journal journal = Journal.open(directory, plan, options, inputFiles);
        List<OpenModel> models = new ArrayList<>();
        Map<String, Crc32> files;
        List<Scratch> scratches = new ArrayList<>();
        try (Workers workers = new Workers(options.threads())) {
            for (MergePlan.Model model : plan.models()) {
                models.add(OpenModel.open(model, converter));
            }
            for (int i = 0; i < workers.threads(); i++) {
                scratches.add(new Scratch());
            }
            List<TensorInfo> layout =
                    plan.tensors().stream().map(MergePlan.Tensor::output).toList();
            try (SafetensorsWriter writer =
                    SafetensorsWriter.resume(
                            directory, layout, options.maxShardBytes(), Map.of())) {
                Machine machine = new Machine(writer, sources(models), workers, scratches);
                writeTensors(machine, remaining(directory, writer, journal), journal);
                inputFiles.requireUnchanged();
                writer.finish();
                files = writer.checksums();
            }
        } finally {
            models.forEach(OpenModel::close);
            scratches.forEach(Scratch::close);
        }
        new SideFileWriter(plan, options, inputSums.byModel(), files).write(directory);
        journal.delete();
    }

    /// Says what was done, where that is wanted.
    public void explain(double seconds) {
        explainer.ifPresent(each -> each.write(seconds));
    }

    private List<TensorSource> sources(List<OpenModel> models) {
        List<TensorSource> sources = models.stream().map(OpenModel::source).toList();
        Optional<DType> roundTo =
                options.compat() ? Optional.of(plan.computeType()) : Optional.empty();
        return plan.vocabulary()
                .map(vocabulary -> RemappedRows.of(vocabulary, sources, converter, roundTo))
                .orElse(sources);
    }

    private void note(String text) {
        listener.on(new Event.Note(STAGE, text, false));
    }

    /// What the tensors are made with.
    private record Machine(
            SafetensorsWriter writer,
            List<TensorSource> sources,
            Workers workers,
            List<Scratch> scratches) {}

    /// The tensors that are still to be made: also those that nothing is known about, where each is
    /// to be explained.
    private List<MergePlan.Tensor> remaining(
            Path directory, SafetensorsWriter writer, Journal journal) {
        List<MergePlan.Tensor> remaining = new ArrayList<>();
        for (MergePlan.Tensor tensor : plan.tensors()) {
            String name = tensor.output().name();
            Journal.Done done = journal.done().get(name);
            if (done != null
                    && (explainer.isEmpty() || done.measures().isPresent())
                    && writer.recover(name, done.sum())) {
                take(tensor, done);
            } else {
                remaining.add(tensor);
            }
        }
        int done = plan.tensors().size() - remaining.size();
        if (done > 0) {
            note(
                    "going on with a merge that was stopped: %d of %d tensors are done"
                            .formatted(done, plan.tensors().size()));
        }
        requireSpace(
                directory, remaining.stream().mapToLong(tensor -> tensor.output().bytes()).sum());
        return remaining;
    }

    private static void requireSpace(Path directory, long bytes) {
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < bytes) {
                throw TailorException.of(
                                ErrorCode.DISK_FULL,
                                "the tensors still to be written take %,d bytes, %,d are free"
                                        .formatted(bytes, free))
                        .at(directory)
                        .remedy("free some space or choose another place");
            }
        } catch (IOException e) {
            // A file system that does not tell is tried.
            return;
        }
    }

    private void writeTensors(Machine machine, List<MergePlan.Tensor> remaining, Journal journal) {
        long start = System.nanoTime();
        long bytes = 0;
        int total = plan.tensors().size();
        int done = total - remaining.size();
        try (Flusher flusher = new Flusher(machine.writer())) {
            for (MergePlan.Tensor tensor : remaining) {
                Journal.Done made = write(tensor, machine);
                take(tensor, made);
                journal.add(tensor.output().name(), made);
                bytes += tensor.output().bytes();
                if (options.forced()) {
                    flusher.written(tensor.output().bytes());
                }
                done++;
                double seconds = Math.max(1e-9, (System.nanoTime() - start) * 1e-9);
                listener.on(
                        new Event.Step(
                                STAGE,
                                done,
                                total,
                                Map.of(
                                        "bytes",
                                        (double) bytes,
                                        "bytes_per_second",
                                        bytes / seconds)));
            }
            flusher.await();
        }
    }

    private void take(MergePlan.Tensor tensor, Journal.Done done) {
        inputSums.add(tensor, done.inputs());
        explainer.ifPresent(each -> each.take(tensor, done.measures().orElseThrow()));
    }

    /// Makes a tensor.
    private Journal.Done write(MergePlan.Tensor tensor, Machine machine) {
        Optional<DType> roundTo =
                options.compat() ? Optional.of(plan.computeType()) : Optional.empty();
        InputWatch watch = new InputWatch(kernels, tensor.inputs().size());
        TensorTiles tiles =
                TensorTiles.of(tensor, machine.sources(), new Rounding(roundTo, converter), watch);
        Optional<List<Double>> measures;
        if (isPlainCopy(tensor, machine.sources())) {
            watch.begin(tiles.count());
            machine.workers()
                    .run(
                            tiles.count(),
                            (worker, tile) -> {
                                cancellation.check();
                                MemorySegment bytes =
                                        tiles.copy(tile, machine.scratches().get(worker));
                                write(tiles, tile, bytes, machine);
                            });
            measures = explainer.map(each -> List.of());
        } else {
            measures = compute(tiles, machine);
        }
        requireFinite(tensor, watch);
        return new Journal.Done(
                machine.writer().checksum(tensor.output().name()).orElseThrow(),
                IntStream.range(0, tensor.inputs().size()).mapToObj(watch::checksum).toList(),
                measures);
    }

    /// Returns what was measured, if it is to be explained.
    private Optional<List<Double>> compute(TensorTiles whole, Machine machine) {
        DType type = whole.tensor().output().dtype();
        Optional<TensorMeasure> measure = explainer.map(each -> each.measure(whole.tensor()));
        TileOperation operation =
                TileOperation.prepare(
                        new Work(
                                whole,
                                kernels,
                                machine.workers(),
                                machine.scratches(),
                                options.seed(),
                                measure.<Tally>map(each -> each).orElse(Tally.NONE)));
        TensorTiles tiles = operation.tiles();
        tiles.watch().begin(tiles.count());
        machine.workers()
                .run(
                        tiles.count(),
                        (worker, tile) -> {
                            cancellation.check();
                            Scratch scratch = machine.scratches().get(worker);
                            operation.run(tile, scratch);
                            int n = tiles.size(tile);
                            MemorySegment bytes =
                                    scratch.raw(n).asSlice(0, (long) n * type.bytes());
                            converter.fromFloat(type, scratch.output(n), 0, bytes, 0, n);
                            write(tiles, tile, bytes, machine);
                            measure.ifPresent(each -> each.tile(tiles, tile, bytes, scratch));
                        });
        return measure.map(TensorMeasure::sums);
    }

    private static void write(TensorTiles tiles, int tile, MemorySegment bytes, Machine machine) {
        TensorInfo output = tiles.tensor().output();
        machine.writer().write(output.name(), tiles.first(tile) * output.dtype().bytes(), bytes);
    }

    /// Bytes that stay as they are need no arithmetic.
    private boolean isPlainCopy(MergePlan.Tensor tensor, List<TensorSource> sources) {
        MergePlan.Input input = tensor.inputs().getFirst();
        TensorSource source = sources.get(input.model());
        return tensor.operation() instanceof Operation.Copy(double scale)
                && scale == 1
                && source.isStored(input.tensor())
                && source.type(input.tensor()) == tensor.output().dtype()
                && (!options.compat()
                        || plan.computeType() == tensor.output().dtype()
                        || !tensor.output().dtype().isFloat());
    }

    private void requireFinite(MergePlan.Tensor tensor, InputWatch watch) {
        for (int k = 0; k < tensor.inputs().size(); k++) {
            OptionalLong first = watch.firstNotFinite(k);
            if (first.isEmpty()) {
                continue;
            }
            MergePlan.Input input = tensor.inputs().get(k);
            String what =
                    "the tensor '%s' holds a NaN or an infinity, first at element %s"
                            .formatted(input.tensor(), place(first.getAsLong(), tensor.output()));
            Path model = plan.models().get(input.model()).directory();
            switch (options.notFinite()) {
                case FAIL ->
                        throw TailorException.of(ErrorCode.MODEL_INVALID, what)
                                .at(model)
                                .remedy(
                                        "find out what broke that model; '--nan keep' merges it as"
                                                + " it is");
                case KEEP -> note(model + ": " + what + "; kept");
            }
        }
    }

    /// `[row, column]`.
    private static String place(long index, TensorInfo info) {
        long rest = index;
        List<Long> place = new ArrayList<>();
        for (long size : info.shape().reversed()) {
            place.addFirst(rest % size);
            rest /= size;
        }
        return place.toString();
    }
}
