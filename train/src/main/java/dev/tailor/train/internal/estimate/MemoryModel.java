package dev.tailor.train.internal.estimate;

import dev.tailor.torch.Activations;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.Precision;
import dev.tailor.train.Memory;
import dev.tailor.train.Target;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainSettings;

/// Peak memory from shapes alone. What is counted is what the decoder keeps: see the torch module's
/// layer, attention and head, and the design note on the memory of a step.
///
/// A step has two high points: where the way back begins (all activations, of the gradients only
/// the head's), and where it ends (all gradients). In between each layer gives back its activations
/// for its gradients, so that one of the two is the highest.
public final class MemoryModel {
    /// libtorch with its thread pools, the Java runtime with its code, the tokenizer, and the part
    /// of the Java heap that fills up before the first collection.
    private static final long RUNTIME = 390_000_000;

    /// The same before the first step.
    private static final long LOADING_RUNTIME = 340_000_000;

    /// A card's context and the libraries' own room.
    private static final long CARD_RUNTIME = 1_000_000_000;

    /// Rows of logits that stand in memory at once; twice as many where the head learns.
    private static final long LOGIT_ROWS = 256;

    /// What the allocator wastes of the memory that comes and goes in every step.
    private static final double GAPS = 0.15;

    private MemoryModel() {}

    /// The memory of a pass of so many positions, a teacher's beside it.
    public static Memory of(TrainRequest request, ModelSize size, long positions, Target target) {
        return TeacherSize.beside(of(request.settings(), size, positions, target), request);
    }

    private static Memory of(
            TrainSettings settings, ModelSize size, long positions, Target target) {
        Precision precision = settings.precision();
        long element = precision.bytes();
        long ofTheModel = size.trainable() - size.adapterValues();
        long average = settings.refinements().averageDecay() > 0 ? 4 : 0;
        long base =
                (size.parameters() - size.quantised().values()) * element
                        + size.quantised().bytes();
        long weights =
                base + 4 * size.adapterValues() + (size.isAdapted() ? element * ofTheModel : 0);
        long lowerBits =
                precision == Precision.FLOAT32
                        ? 0
                        : bytesBeside(settings.optimizer(), target) * ofTheModel;
        long optimizer =
                remembered(settings.optimizer(), precision, size, target)
                        + average * size.trainable();
        boolean accumulates = settings.gradientAccumulation() > 1;
        long gradients = gradients(size, accumulates ? 4 : element);
        long standing = accumulates ? gradients : headGradient(size);
        Activity activity = new Activity(size, element, positions);
        boolean again = settings.activations() == Activations.RECOMPUTE;
        long activations = again ? activity.inputs() : activity.layers();
        long onTheWay = activity.layerBackward(again) + size.quantised().largest() * element;
        long workspace = onTheWay + head(size, element, positions);
        boolean beginning = standing + activations + workspace >= gradients + onTheWay;
        long atOnce = beginning ? standing + activations + workspace : gradients + onTheWay;
        return new Memory(
                weights,
                lowerBits,
                optimizer,
                beginning ? standing : gradients,
                beginning ? activations : 0,
                beginning ? workspace : onTheWay,
                switch (target) {
                    case Target.Here here -> RUNTIME;
                    case Target.Card card -> CARD_RUNTIME;
                },
                Math.round(GAPS * atOnce),
                switch (target) {
                    case Target.Here here -> base + size.fileBytes() + LOADING_RUNTIME;
                    case Target.Card card -> 0;
                });
    }

    /// Bytes beside each bfloat16 value: its lower half, on a card the whole value in float32.
    private static long bytesBeside(OptimizerSettings optimizer, Target target) {
        return switch (target) {
            case Target.Here here -> 2;
            case Target.Card card -> optimizer instanceof AdamWSettings ? 4 : 0;
        };
    }

    /// What the update rule remembers: on a card, AdamW's moments in float32; other rules work in
    /// the processor's memory.
    private static long remembered(
            OptimizerSettings optimizer, Precision precision, ModelSize size, Target target) {
        return switch (target) {
            case Target.Here here -> size.stateBytes(optimizer, precision);
            case Target.Card card ->
                    optimizer instanceof AdamWSettings
                            ? size.stateBytes(optimizer, Precision.FLOAT32)
                            : 0;
        };
    }

    /// All gradients: an adapter's, the head's and the embedding's are summed in float32.
    private static long gradients(ModelSize size, long element) {
        long embedding =
                size.embeddingLearns() && !size.config().tiedHead() ? 4 * size.headValues() : 0;
        long inFloat = 4 * size.adapterValues() + headGradient(size) + embedding;
        return inFloat + element * (size.trainable() - inFloat / 4);
    }

    /// The head's gradient is made first, before the layers give anything back.
    private static long headGradient(ModelSize size) {
        return size.headLearns() ? 4 * size.headValues() : 0;
    }

    /// A block of logits, and oneDNN's copy of the head's matrix, which it makes in float32 alone.
    private static long head(ModelSize size, long element, long positions) {
        long rows = size.headLearns() ? 2 * LOGIT_ROWS : LOGIT_ROWS;
        long logits = Math.min(positions, rows) * size.config().vocabularySize() * element;
        return logits + (element == 4 ? size.headValues() * element : 0);
    }
}
