package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// JSON as plain values: strings, longs, doubles, booleans, nulls, lists and maps.
public final class JsonValues {
    private final JsonFactory factory;

    JsonValues(ReadOptions options) {
        this(options.maxNesting(), options.maxRowBytes());
    }

    /// @param maxNesting the deepest nesting
    /// @param maxString the longest string, in UTF-16 units
    public JsonValues(int maxNesting, int maxString) {
        factory =
                JsonFactory.builder()
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(maxNesting)
                                        .maxStringLength(maxString)
                                        .build())
                        .build();
    }

    JsonParser parser(InputStream in) {
        return factory.createParser(ObjectReadContext.empty(), in);
    }

    /// The only value in a piece of UTF-8 JSON.
    @Nullable Object parse(byte[] json, int offset, int length) {
        try (JsonParser parser =
                factory.createParser(ObjectReadContext.empty(), json, offset, length)) {
            return only(parser);
        }
    }

    /// The only value in a text.
    ///
    /// @throws JacksonException if the text is not JSON
    public @Nullable Object parse(String json) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), json)) {
            return only(parser);
        }
    }

    private static @Nullable Object only(JsonParser parser) {
        if (parser.nextToken() == null) {
            throw new UnreadableJson("nothing there");
        }
        Object value = value(parser);
        if (parser.nextToken() != null) {
            throw new UnreadableJson("something follows the object on the same line");
        }
        return value;
    }

    /// The value that begins at the parser's current token; the parser stands on its last token
    /// afterwards.
    @SuppressWarnings("NullAway") // JSON null is a value of lists and maps
    static @Nullable Object value(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    map.put(name, value(parser));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
                    throw new UnreadableJson("unexpected " + token);
        };
    }

    private static Object integer(JsonParser parser) {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? (Object) parser.getDoubleValue()
                : (Object) parser.getLongValue();
    }

    /// JSON that the parser accepts and we do not.
    static final class UnreadableJson extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnreadableJson(String message) {
            super(message, null, false, false);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
