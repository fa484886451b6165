package dev.tailor.torch.internal.nn;

import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.TokenScores;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.Softmax;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;

/// Log-probabilities of targets, found row by row or, by libtorch's operators, many rows at once.
final class TargetScores {
    private final int[] targets;
    private final boolean findsLikeliest;
    private final float[] logProbs;
    private final int[] likeliest;

    TargetScores(int[] targets, boolean findsLikeliest) {
        this.targets = targets;
        this.findsLikeliest = findsLikeliest;
        logProbs = new float[targets.length];
        likeliest = new int[targets.length];
        Arrays.fill(likeliest, PackedBatch.IGNORED);
    }

    TokenScores scores() {
        return new TokenScores(logProbs, likeliest);
    }

    /// Scores a position by its logits; the logarithm of their sum.
    float score(int position, float[] row) {
        if (findsLikeliest) {
            likeliest[position] = Softmax.likeliest(row, row.length);
        }
        float logSumExp = Softmax.logSumExp(row, row.length);
        logProbs[position] = row[targets[position]] - logSumExp;
        return logSumExp;
    }

    /// Scores a position, and puts the derivatives by its logits in their place.
    void back(int position, float[] row, float[] coefficients) {
        float logSumExp = score(position, row);
        Softmax.logProbGradient(
                row, row.length, logSumExp, coefficients[position], targets[position]);
    }

    /// Scores positions by their logits, `[rows, vocabulary]`.
    void score(int[] positions, Tensor logits) {
        Tensor precise = Tensors.cast(logits, ScalarType.Float);
        float[] found = Tensors.floats(torch.log_softmax(precise, 1).gather(1, wanted(positions)));
        for (int i = 0; i < positions.length; i++) {
            logProbs[positions[i]] = found[i];
        }
        if (findsLikeliest) {
            float[] best = Tensors.floats(torch.argmax(logits, new LongOptional(1), false));
            for (int i = 0; i < positions.length; i++) {
                likeliest[positions[i]] = (int) best[i];
            }
        }
    }

    /// Scores positions; the derivatives by their logits, in the format of these.
    Tensor back(int[] positions, Tensor logits, float[] coefficients) {
        score(positions, logits);
        float[] own = new float[positions.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = coefficients[positions[i]];
        }
        Tensor factors = Tensors.cast(Tensors.floats(own, own.length, 1), logits.scalar_type());
        Tensor derivatives = torch.softmax(logits, 1).mul_(factors.neg());
        Tensor wanted = wanted(positions);
        return derivatives.scatter_(1, wanted, torch.add(derivatives.gather(1, wanted), factors));
    }

    /// The targets of positions, `[rows, 1]`.
    private Tensor wanted(int[] positions) {
        int[] picked = new int[positions.length];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = targets[positions[i]];
        }
        return Tensors.indices(picked).unsqueeze(1);
    }
}
