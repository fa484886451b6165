package dev.tailor.torch.internal.adapter;

import static dev.tailor.torch.internal.adapter.Adapter.PREFIX;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraStart;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Dense;
import dev.tailor.torch.internal.nn.LoraWeights;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.weights.RandomWeights;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;
import java.util.Optional;

/// Makes the weights that an adapter begins with, so that the model still answers as without it.
record FreshLayer(LoraConfig config, Seed seed) {
    LoraWeights of(Dense dense) {
        return Scoped.call(() -> {
            Optional<Parameter> magnitude =
                    config.variant().dora()
                            ? Optional.of(
                                    parameter(
                                            dense,
                                            "lora_magnitude_vector",
                                            norms(dense.weight().data())))
                            : Optional.empty();
            return switch (config.variant().start()) {
                case ZERO -> zero(dense, magnitude);
                case PRINCIPAL -> principal(dense, magnitude);
            };
        });
    }

    /// For the embedding, B is random and A zero, as in PEFT: tokens that are never seen stay.
    LoraWeights ofEmbedding(Host host) {
        if (host.decoder().tied()) {
            throw invalid(
                            "an adapter on the embedding would leave the head, the same matrix,"
                                    + " alone")
                    .remedy("train it in full: modules-to-save: [embed_tokens]");
        }
        if (config.variant().dora() || config.variant().start() != LoraStart.ZERO) {
            throw invalid("the embedding takes plain adapters only, neither dora nor pissa")
                    .remedy("leave embed_tokens out of 'targets', or out these two");
        }
        int rank = config.rankOf(Host.EMBEDDING);
        List<Long> shape = host.embedding().shape();
        return Scoped.call(() -> {
            long[] sizes = {shape.get(1), rank};
            Tensor b = RandomWeights.initial(Host.EMBEDDING, sizes, 1, 1, seed);
            Tensor a = Tensors.zeros(ScalarType.Float, rank, shape.get(0));
            String name = PREFIX + Host.EMBEDDING;
            return new LoraWeights(
                    new Parameter(name + ".lora_embedding_A", a),
                    new Parameter(name + ".lora_embedding_B", b),
                    Optional.empty());
        });
    }

    private LoraWeights zero(Dense dense, Optional<Parameter> magnitude) {
        int rank = config.rankOf(dense.name());
        List<Long> shape = dense.weight().shape();
        Tensor a = RandomWeights.uniform(dense.name(), rank, shape.get(1), seed);
        Tensor b = Tensors.zeros(ScalarType.Float, shape.get(0), rank);
        return weights(dense, a, b, magnitude);
    }

    private LoraWeights principal(Dense dense, Optional<Parameter> magnitude) {
        int rank = config.rankOf(dense.name());
        if (!(dense.weight() instanceof Parameter parameter)) {
            throw invalid("a quantised weight has no principal components to start from")
                    .remedy("use lora instead of qlora, or leave 'init: pissa' out");
        }
        Tensor weight = parameter.data();
        if (rank > Math.min(weight.size(0), weight.size(1))) {
            throw invalid(
                            "rank %d is more than %s has (%d)"
                                    .formatted(
                                            rank,
                                            dense.name(),
                                            Math.min(weight.size(0), weight.size(1))))
                    .remedy("lower the rank, or leave 'init: pissa' out");
        }
        double scale = config.scaleOf(dense.name(), rank);
        PrincipalComponents parts = PrincipalComponents.of(weight, rank, scale);
        Tensor product = torch.matmul(parts.b(), parts.a()).mul_(new Scalar(scale));
        weight.sub_(product);
        return weights(dense, parts.a(), parts.b(), magnitude);
    }

    private static TailorException invalid(String what) {
        return TailorException.of(ErrorCode.CONFIG_INVALID, what);
    }

    private static LoraWeights weights(
            Dense dense, Tensor a, Tensor b, Optional<Parameter> magnitude) {
        return new LoraWeights(
                parameter(dense, "lora_A.weight", a),
                parameter(dense, "lora_B.weight", b),
                magnitude);
    }

    private static Parameter parameter(Dense dense, String part, Tensor values) {
        return new Parameter(PREFIX + dense.name() + "." + part, values);
    }

    /// The Euclidean norm of each row, in float32.
    private static Tensor norms(Tensor weight) {
        Tensor precise = Tensors.cast(weight, ScalarType.Float);
        return torch.sqrt(torch.sum(torch.mul(precise, precise), 1));
    }
}
