package dev.tailor.text;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.internal.tokenizer.EmbeddingRows;
import dev.tailor.text.internal.tokenizer.NativeTokenizer;
import dev.tailor.text.internal.tokenizer.SpecialTokens;
import dev.tailor.text.internal.tokenizer.TokenizerIds;
import dev.tailor.text.internal.tokenizer.TokenizerJson;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A model's tokenizer, read from its `tokenizer.json`. Nothing is fetched from anywhere. Safe for
/// use by several threads; native memory is freed by [#close].
///
/// Text of users must never turn into special tokens: encode it with [#encodeOrdinary], or a
/// rendered conversation with [#encodeGuarded].
public final class Tokenizer implements AutoCloseable {
    private final Path file;
    private final Map<String, Integer> ids;
    private final SpecialTokens special;
    private final NativeTokenizer parsing;
    private final NativeTokenizer ordinary;
    private final GuardedText guard;
    private final int vocabularySize;
    private final boolean addsBos;

    private Tokenizer(Path file, TokenizerJson json, SpecialTokens special) {
        this.file = file;
        this.ids = json.ids();
        this.special = special;
        this.vocabularySize =
                1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
        TokenizerJson.Guarded guarded = json.guarded(special.special());
        this.guard = new GuardedText(guarded.placeholders());
        try {
            this.parsing = NativeTokenizer.of(json.text());
            this.ordinary = NativeTokenizer.of(guarded.json());
        } catch (TailorException e) {
            throw e.at(file);
        }
        int[] probe = parsing.encode("a", true);
        this.addsBos = bosId().isPresent() && probe.length > 0 && probe[0] == bosId().getAsInt();
    }

    /// Loads the tokenizer of a model directory.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` without a `tokenizer.json`, `FILE_CORRUPT` if it or
    ///   a file beside it cannot be understood
    public static Tokenizer load(Path modelDirectory) {
        Path file = modelDirectory.resolve("tokenizer.json");
        TokenizerJson json = TokenizerJson.read(file);
        return new Tokenizer(file, json, SpecialTokens.read(modelDirectory, json));
    }

    /// The ids of a text in which special tokens are recognised.
    ///
    /// @param addSpecialTokens whether to add what the tokenizer puts around every text (often a
    ///   beginning-of-sequence token, often nothing)
    public int[] encode(String text, boolean addSpecialTokens) {
        return parsing.encode(text, addSpecialTokens);
    }

    /// The ids of a text in which the spelling of a special token (`</s>`, `<|im_end|>`) is
    /// ordinary text. Nothing is added around it.
    public int[] encodeOrdinary(String text) {
        return ordinary.encode(text, false);
    }

    /// The ids of a text in which special tokens are recognised except where they touch one of the
    /// `literal` ranges (the parts a user wrote). For text without special tokens in those ranges
    /// the ids are those of [#encode] without added tokens.
    ///
    /// @param literal ranges of `text` in UTF-16 units, in ascending order
    public EncodedText encodeGuarded(String text, List<TextRange> literal) {
        return guard.encode(ordinary, text, literal);
    }

    /// The text of ids; ids that are no token are left out.
    ///
    /// @param skipSpecial whether special tokens are left out
    public String decode(int[] tokens, boolean skipSpecial) {
        return parsing.decode(tokens, skipSpecial);
    }

    /// A decoder for text that grows token by token.
    public IncrementalDecoder incrementalDecoder(boolean skipSpecial) {
        return new IncrementalDecoder(this, skipSpecial);
    }

    /// The highest id + 1: the least number of rows the model's embedding must have.
    public int vocabularySize() {
        return vocabularySize;
    }

    /// The id of a token as it is spelt in the vocabulary.
    public OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// The spellings of the special tokens.
    public Set<String> specialTokens() {
        return Set.copyOf(special.special());
    }

    /// The token that begins a sequence, if there is one.
    public Optional<String> bosToken() {
        return Optional.ofNullable(special.bos());
    }

    /// The token that ends a sequence, if there is one.
    public Optional<String> eosToken() {
        return Optional.ofNullable(special.eos());
    }

    /// The token that fills up a batch, if there is one.
    public Optional<String> padToken() {
        return Optional.ofNullable(special.pad());
    }

    /// The tokens that chat templates find as variables: `bos_token`, `eos_token`, `pad_token`.
    public Map<String, String> templateVariables() {
        Map<String, String> variables = new HashMap<>();
        bosToken().ifPresent(token -> variables.put("bos_token", token));
        eosToken().ifPresent(token -> variables.put("eos_token", token));
        padToken().ifPresent(token -> variables.put("pad_token", token));
        return variables;
    }

    /// The id of [#bosToken].
    public OptionalInt bosId() {
        return bosToken().map(this::id).orElse(OptionalInt.empty());
    }

    /// The id of [#eosToken].
    public OptionalInt eosId() {
        return eosToken().map(this::id).orElse(OptionalInt.empty());
    }

    /// The id of [#padToken].
    public OptionalInt padId() {
        return padToken().map(this::id).orElse(OptionalInt.empty());
    }

    /// The ids at which generation ends: the end-of-sequence token and those that
    /// `generation_config.json` and `config.json` name.
    public Set<Integer> stopIds() {
        return Set.copyOf(special.stopIds());
    }

    /// Whether [#encode] with added tokens begins with [#bosToken].
    public boolean addsBos() {
        return addsBos;
    }

    /// Checks that every id has a row in the model's embedding.
    ///
    /// @throws TailorException `MODEL_INVALID` if the tokenizer knows ids beyond the embedding
    public void checkFits(long embeddingRows) {
        EmbeddingRows rows = new EmbeddingRows(embeddingRows);
        ids.forEach(rows::take);
        rows.requireEnough(file);
    }

    /// Checks the same of a model's `tokenizer.json` without building the tokenizer. A model that
    /// has none is fine.
    ///
    /// @throws TailorException `MODEL_INVALID` if the tokenizer knows ids beyond the embedding,
    ///   `FILE_CORRUPT` if the file is no JSON
    public static void checkFits(Path modelDirectory, long embeddingRows) {
        Path file = modelDirectory.resolve("tokenizer.json");
        if (Files.isRegularFile(file)) {
            EmbeddingRows rows = new EmbeddingRows(embeddingRows);
            new TokenizerIds(file).forEach(rows::take);
            rows.requireEnough(file);
        }
    }

    /// The tokens of a model's `tokenizer.json` by their ids, without building the tokenizer.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` without the file, `FILE_CORRUPT` if it is no JSON
    public static SortedMap<Integer, String> vocabulary(Path modelDirectory) {
        Path file = modelDirectory.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no tokenizer").at(file);
        }
        SortedMap<Integer, String> tokens = new TreeMap<>();
        new TokenizerIds(file).forEach((token, id) -> tokens.put(id, token));
        return tokens;
    }

    @Override
    public void close() {
        parsing.close();
        ordinary.close();
    }
}
