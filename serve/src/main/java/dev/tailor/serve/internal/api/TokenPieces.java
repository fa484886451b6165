package dev.tailor.serve.internal.api;

import dev.tailor.text.EncodedChat;
import dev.tailor.text.Tokenizer;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.List;

/// A rendered prompt and what each of its tokens adds to it.
///
/// @param text the prompt
/// @param pieces its tokens; their texts, one after another, are the prompt up to the last token's
///   end. Of the tokens that share a character the first one has it, the others are empty
public record TokenPieces(String text, List<Piece> pieces) {
    /// A token.
    ///
    /// @param special whether it is one that text alone never becomes
    public record Piece(int id, String text, boolean special) {}

    static TokenPieces of(EncodedChat chat, Tokenizer tokenizer) {
        List<Piece> pieces = new ArrayList<>();
        int said = 0;
        for (int i = 0; i < chat.length(); i++) {
            int end = Math.max(said, chat.ends()[i]);
            String text = chat.text().substring(said, end);
            boolean special =
                    tokenizer.specialTokens().contains(text)
                            && tokenizer.id(text).orElse(-1) == chat.tokens()[i];
            pieces.add(new Piece(chat.tokens()[i], text, special));
            said = end;
        }
        return new TokenPieces(chat.text(), List.copyOf(pieces));
    }

    void put(ObjectNode reply) {
        reply.put("text", text);
        ArrayNode array = reply.putArray("pieces");
        pieces.forEach(piece ->
                array.addObject()
                        .put("id", piece.id())
                        .put("text", piece.text())
                        .put("special", piece.special()));
    }
}
