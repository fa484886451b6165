package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

/// Makes one tile of the output. What an operation must know of the whole tensor (a norm, a
/// threshold) is found out when it is prepared.
public interface TileOperation {
    /// The tensor in the tiles that it works on.
    TensorTiles tiles();

    /// Reads the inputs' tiles and leaves the result in the thread's output buffer, which holds a
    /// tile.
    void run(int tile, Scratch scratch);

    /// Prepares the operation of a tensor.
    static TileOperation prepare(Work work) {
        return switch (work.tiles().tensor().operation()) {
            case Operation.Copy(double scale) -> Average.copy(work, 0, (float) scale);
            case Operation.Linear linear -> Average.linear(work, linear);
            case Operation.Slerp(double t) -> Spherical.slerp(work, t);
            case Operation.TaskVectors vectors -> TaskVectorSum.prepare(work, vectors);
            case Operation.Nuslerp nuslerp -> Spherical.nuslerp(work, nuslerp);
            case Operation.Multislerp multislerp -> Multislerp.prepare(work, multislerp);
            case Operation.Karcher karcher -> Karcher.prepare(work, karcher);
            case Operation.ModelStock stock -> ModelStock.prepare(work, stock);
            case Operation.Sce(double selected) -> Sce.prepare(work, selected);
            case Operation.Ram ram -> Ram.prepare(work, ram);
            case Operation.Nearswap(double t) -> Nearswap.prepare(work, (float) t);
            case Operation.Fusion fusion -> Fusion.prepare(work);
        };
    }

    /// An operation in the tiles of `work`.
    static TileOperation of(Work work, Work.Pass pass) {
        return new TileOperation() {
            @Override
            public TensorTiles tiles() {
                return work.tiles();
            }

            @Override
            public void run(int tile, Scratch scratch) {
                pass.tile(tile, scratch);
            }
        };
    }
}
