package dev.tailor.text.internal.tokenizer;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;

/// The tokens of a `tokenizer.json` and their ids, read without keeping anything: a large
/// vocabulary makes a large tree, and one who only wants the ids need not wait for it.
public record TokenizerIds(Path file) {
    // The names are as many as the tokens: a table of them would only cost time.
    private static final JsonMapper MAPPER =
            new JsonMapper(
                    JsonFactory.builder()
                            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                            .streamReadConstraints(
                                    StreamReadConstraints.builder().maxNestingDepth(200).build())
                            .build());

    /// Takes a token.
    @FunctionalInterface
    public interface Sink {
        void take(String token, int id);
    }

    /// Hands over every token, those of `added_tokens` once more. A file that is no tokenizer has
    /// none; one that is no JSON is `FILE_CORRUPT`.
    public void forEach(Sink sink) {
        try (JsonParser parser = MAPPER.createParser(file)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "model" -> model(parser, sink);
                    case "added_tokens" -> added(parser, sink);
                    default -> parser.skipChildren();
                }
            }
        } catch (JacksonException e) {
            throw TokenizerJson.corrupt(file, "not valid JSON: " + e.getOriginalMessage())
                    .causedBy(e);
        }
    }

    private void model(JsonParser parser, Sink sink) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("vocab")) {
                vocabulary(parser, sink);
            } else {
                parser.skipChildren();
            }
        }
    }

    /// An object of tokens and ids, or a list of pieces with scores, numbered by their place.
    private void vocabulary(JsonParser parser, Sink sink) {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String token = parser.currentName();
                parser.nextToken();
                sink.take(token, id(parser));
            }
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
                parser.nextToken();
                sink.take(parser.getString(), id);
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    parser.skipChildren();
                }
            }
        }
    }

    private void added(JsonParser parser, Sink sink) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            String token = "";
            int id = -1;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "content" -> token = parser.getString();
                    case "id" -> id = id(parser);
                    default -> parser.skipChildren();
                }
            }
            sink.take(token, id);
        }
    }

    private int id(JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || parser.getLongValue() < 0) {
            throw TokenizerJson.corrupt(
                    file, "a token's id is not a whole number from 0: " + parser.getString());
        }
        return parser.getIntValue();
    }
}
