package dev.tailor.workflow.model;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.text.ChatTemplate;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Precision;

import java.util.Optional;

/// A model in memory together with its tokenizer.
///
/// @param source where it came from
/// @param model the weights, with the adapter if the source names one
/// @param tokenizer its tokenizer; every id has a row in the embedding
/// @param chat conversations by its chat template, or by a plain one where it has none
public record LoadedModel(
        ModelSource source, CausalModel model, Tokenizer tokenizer, ChatPrompts chat)
        implements AutoCloseable {
    /// Up to this many weights a model computes in float32 whatever it is stored in: the memory is
    /// small, and figures do not depend on the processor's bfloat16.
    private static final long FLOAT32_PARAMETERS = 500_000_000L;

    /// Loads a model; without a `precision`, small models compute in float32, large ones in what
    /// they are stored in.
    public static LoadedModel load(ModelSource source, Optional<Precision> precision) {
        Tokenizer tokenizer = Tokenizer.load(source.directory());
        try {
            CausalModel model =
                    CausalModel.load(
                            source.directory(), precision.orElseGet(() -> natural(source)));
            try {
                tokenizer.checkFits(model.config().vocabularySize());
                source.adapter().ifPresent(adapter -> model.loadAdapter(adapter, false));
                ChatTemplate template = ChatTemplate.load(source.directory());
                return new LoadedModel(
                        source, model, tokenizer, new ChatPrompts(tokenizer, template));
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /// The tokens of a plain prompt: as the tokenizer begins a text, at least one.
    public int[] promptTokens(String text) {
        return new Encoding(tokenizer).prompt(text);
    }

    private static Precision natural(ModelSource source) {
        try (ModelDirectory directory = ModelDirectory.open(source.directory())) {
            Checkpoint checkpoint = directory.checkpoint();
            long parameters = checkpoint.tensors().stream().mapToLong(TensorInfo::elements).sum();
            boolean half =
                    checkpoint.tensors().stream().anyMatch(info -> info.dtype() == DType.BF16);
            return half && parameters > FLOAT32_PARAMETERS ? Precision.BFLOAT16 : Precision.FLOAT32;
        }
    }

    @Override
    public void close() {
        model.close();
        tokenizer.close();
    }
}
