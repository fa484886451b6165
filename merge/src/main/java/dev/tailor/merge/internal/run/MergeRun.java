package dev.tailor.merge.internal.run;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.merge.internal.kernel.Rounding;
import dev.tailor.merge.internal.method.TileOperation;
import dev.tailor.merge.internal.method.Work;
import dev.tailor.merge.internal.plan.OpenModel;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;
import dev.tailor.merge.internal.tile.Workers;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Carries out a plan: tensor after tensor, each by all threads, tile by tile.
public final class MergeRun {
    private static final String STAGE = "merge";
    private static final long NANOS_BETWEEN_REPORTS = 200_000_000;

    private final MergePlan plan;
    private final MergeOptions options;
    private final Event.Listener listener;
    private final Cancellation cancellation;
    private final MergeKernels kernels;
    private final Converter converter;

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
    }

    /// Writes the whole model into an existing, empty directory.
    public void write(Path directory) {
        plan.notes().forEach(note -> listener.on(new Event.Note(STAGE, note, false)));
        List<OpenModel> models = new ArrayList<>();
        try (Arena arena = Arena.ofShared();
                Workers workers = new Workers(options.threads())) {
            for (MergePlan.Model model : plan.models()) {
                models.add(OpenModel.open(model, converter));
            }
            List<Scratch> scratches = new ArrayList<>();
            for (int i = 0; i < workers.threads(); i++) {
                scratches.add(new Scratch(arena));
            }
            List<TensorInfo> layout =
                    plan.tensors().stream().map(MergePlan.Tensor::output).toList();
            try (SafetensorsWriter writer =
                    SafetensorsWriter.create(
                            directory, layout, options.maxShardBytes(), Map.of())) {
                List<TensorSource> sources = models.stream().map(OpenModel::source).toList();
                writeTensors(writer, sources, workers, scratches);
                writer.finish();
            }
        } finally {
            models.forEach(OpenModel::close);
        }
        new SideFileWriter(plan, options).write(directory);
    }

    private void writeTensors(
            SafetensorsWriter writer,
            List<TensorSource> sources,
            Workers workers,
            List<Scratch> scratches) {
        long start = System.nanoTime();
        long reported = start;
        long bytes = 0;
        int total = plan.tensors().size();
        for (int i = 0; i < total; i++) {
            MergePlan.Tensor tensor = plan.tensors().get(i);
            write(tensor, writer, sources, workers, scratches);
            bytes += tensor.output().bytes();
            long now = System.nanoTime();
            if (now - reported > NANOS_BETWEEN_REPORTS || i == total - 1) {
                reported = now;
                double seconds = Math.max(1e-9, (now - start) * 1e-9);
                listener.on(
                        new Event.Step(
                                STAGE,
                                i + 1,
                                total,
                                Map.of(
                                        "bytes",
                                        (double) bytes,
                                        "bytes_per_second",
                                        bytes / seconds)));
            }
        }
    }

    private void write(
            MergePlan.Tensor tensor,
            SafetensorsWriter writer,
            List<TensorSource> sources,
            Workers workers,
            List<Scratch> scratches) {
        Optional<DType> roundTo =
                options.compat() ? Optional.of(plan.computeType()) : Optional.empty();
        TensorTiles tiles = TensorTiles.of(tensor, sources, new Rounding(roundTo, converter));
        DType type = tensor.output().dtype();
        if (isPlainCopy(tensor, sources)) {
            workers.run(
                    tiles.count(),
                    (worker, tile) -> {
                        cancellation.check();
                        copy(tiles, tile, scratches.get(worker).raw(tiles.size(tile)), writer);
                    });
            return;
        }
        TileOperation operation =
                TileOperation.prepare(new Work(tiles, kernels, workers, scratches, options.seed()));
        TensorTiles pieces = operation.tiles();
        workers.run(
                pieces.count(),
                (worker, tile) -> {
                    cancellation.check();
                    Scratch scratch = scratches.get(worker);
                    operation.run(tile, scratch);
                    int n = pieces.size(tile);
                    MemorySegment raw = scratch.raw(n).asSlice(0, (long) n * type.bytes());
                    converter.fromFloat(type, scratch.output(n), 0, raw, 0, n);
                    writer.write(tensor.output().name(), pieces.first(tile) * type.bytes(), raw);
                });
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

    private static void copy(
            TensorTiles tiles, int tile, MemorySegment raw, SafetensorsWriter writer) {
        TensorInfo output = tiles.tensor().output();
        MergePlan.Input input = tiles.tensor().inputs().getFirst();
        long offset = tiles.first(tile) * output.dtype().bytes();
        MemorySegment piece = raw.asSlice(0, (long) tiles.size(tile) * output.dtype().bytes());
        tiles.sources().get(input.model()).copy(input.tensor(), offset, piece);
        writer.write(output.name(), offset, piece);
    }
}
