package dev.tailor.serve;

import dev.tailor.text.ChatEncoder;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;

import java.util.Set;

/// A model that a server answers with. It stays the caller's, who closes it after the server.
///
/// @param name what clients call it
/// @param model the weights, without an adapter
/// @param tokenizer its tokenizer
/// @param chat conversations by its template
/// @param chatStopIds the tokens that end an answer in a conversation
public record ServedModel(
        String name,
        CausalModel model,
        Tokenizer tokenizer,
        ChatEncoder chat,
        Set<Integer> chatStopIds) {
    /// The longest sequence it reads, in tokens.
    public int contextLength() {
        return model.config().maxPositions();
    }
}
