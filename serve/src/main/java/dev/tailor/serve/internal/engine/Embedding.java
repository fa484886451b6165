package dev.tailor.serve.internal.engine;

import dev.tailor.torch.DecodingSession;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Sequences whose mean hidden states are wanted.
///
/// @param adapter the adapter's name, empty for none
/// @param means receives them in order
record Embedding(String adapter, List<int[]> sequences, CompletableFuture<List<float[]>> means)
        implements Work {
    /// Tokens of one pass, where sequences are not longer.
    private static final int PASS_TOKENS = 2048;

    /// Computes them, as many together as fit into a pass.
    void answer(DecodingSession session, int number) {
        List<float[]> all = new ArrayList<>();
        List<int[]> pass = new ArrayList<>();
        int tokens = 0;
        for (int[] sequence : sequences) {
            if (!pass.isEmpty() && tokens + sequence.length > PASS_TOKENS) {
                all.addAll(session.means(number, pass));
                pass.clear();
                tokens = 0;
            }
            pass.add(sequence);
            tokens += sequence.length;
        }
        all.addAll(session.means(number, pass));
        means.complete(all);
    }

    @Override
    public void fail(RuntimeException cause) {
        means.completeExceptionally(cause);
    }
}
