package dev.tailor.train.internal.loop;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Generated;
import dev.tailor.torch.Generator;
import dev.tailor.torch.SamplingSettings;
import dev.tailor.torch.TokenSink;
import dev.tailor.train.PromptSamples;

import java.nio.file.Path;
import java.util.List;

/// Lets the model as it stands, with its adapter and without dropout, answer prompts between steps:
/// the likeliest token each time. Draws nothing at random and leaves nothing behind, so that what
/// is learnt is the same bit for bit.
///
/// @param base where the tokenizer is
record SampleAnswers(PromptSamples samples, Path base, Session session) {
    /// Whether answers are due after a step.
    boolean isDue(long step, boolean last) {
        return last || step % samples.every() == 0;
    }

    /// Answers every prompt and reports it. A model that cannot answer is a warning here: what to
    /// do about it is for whoever watches the loss.
    void report(long step, CausalModel model) {
        try (Tokenizer tokenizer = Tokenizer.load(base)) {
            List<Generated> answers =
                    new Generator(model)
                            .generate(
                                    samples.prompts().stream()
                                            .map(PromptSamples.Prompt::tokens)
                                            .toList(),
                                    SamplingSettings.greedy(samples.maxTokens()),
                                    samples.stopIds(),
                                    session.seed().of("samples"),
                                    (sequence, tokens) -> session.cancellation().isRequested(),
                                    TokenSink.none());
            if (session.cancellation().isRequested()) {
                return;
            }
            for (int i = 0; i < answers.size(); i++) {
                String text = tokenizer.decode(answers.get(i).tokens(), true);
                session.listener()
                        .on(
                                new Event.Answer(
                                        session.stage(),
                                        step,
                                        samples.prompts().get(i).text(),
                                        text));
            }
        } catch (TailorException e) {
            if (e.code() != ErrorCode.MODEL_INVALID) {
                throw e;
            }
            session.warn("no sample answers after step " + step + ": " + e.getMessage());
        }
    }
}
