package dev.tailor.serve.internal.api;

import dev.tailor.core.Seed;
import dev.tailor.serve.ServedModel;
import dev.tailor.serve.internal.engine.TaskRequest;
import dev.tailor.serve.internal.engine.TaskRequest.Ending;
import dev.tailor.serve.internal.engine.TaskRequest.LogProbs;
import dev.tailor.serve.internal.json.JsonConstraint;
import dev.tailor.serve.internal.json.JsonVocabulary;
import dev.tailor.text.EncodedChat;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Understands what clients ask, or refuses it by name.
public final class CallReader {
    private static final int MAX_LIKELIEST = 20;
    private static final int DEFAULT_COMPLETION_TOKENS = 16;
    private static final int MAX_TASKS = 1024;

    private final ServedModel model;
    private final Set<String> adapters;
    private final int longestSequence;
    private final Prompts prompts;
    private final TokenTexts texts;
    private final Once<JsonVocabulary> jsonTokens;

    /// Reads calls for a model.
    ///
    /// @param adapters the names of adapters that may be asked
    /// @param longestSequence prompt and answer together, in tokens
    public CallReader(ServedModel model, Set<String> adapters, int longestSequence) {
        this.model = model;
        this.adapters = Set.copyOf(adapters);
        this.longestSequence = longestSequence;
        this.prompts = new Prompts(model);
        this.texts = new TokenTexts(model.tokenizer());
        this.jsonTokens =
                new Once<>(() ->
                        new JsonVocabulary(
                                model.tokenizer(), model.model().config().vocabularySize()));
    }

    /// A call of `/v1/chat/completions`.
    ///
    /// @throws ApiException when it cannot be answered
    public Call chat(JsonNode body) {
        Fields fields = Fields.of(body);
        CommonFields common = CommonFields.read(fields, model.model().config().vocabularySize());
        int[] prompt =
                prompts.chat(
                                fields.any("messages")
                                        .orElseThrow(
                                                () -> fields.invalid("messages", "is missing")))
                        .tokens();
        boolean wanted = fields.flag("logprobs");
        Optional<Integer> top = fields.integer("top_logprobs", 0, MAX_LIKELIEST);
        if (top.isPresent() && !wanted) {
            throw fields.invalid("top_logprobs", "needs 'logprobs': true");
        }
        boolean json = wantsJson(fields, true);
        fields.requireNoOthers();
        LogProbs logProbs = wanted ? new LogProbs(top.orElse(0), false) : LogProbs.NONE;
        int limit = limit(common.maxTokens(), prompt.length);
        Ending ending =
                new Ending(
                        model.chatStopIds(),
                        common.stops(),
                        json ? Optional.of(json(fields, common, limit)) : Optional.empty());
        return call(
                new ChatForm(texts, wanted),
                common,
                List.of(prompt),
                new Wanted(ending, logProbs, limit));
    }

    /// A call of `/v1/completions`.
    ///
    /// @throws ApiException when it cannot be answered
    public Call completion(JsonNode body) {
        Fields fields = Fields.of(body);
        CommonFields common = CommonFields.read(fields, model.model().config().vocabularySize());
        List<CompletionForm.Echo> given =
                prompts.plain(
                        fields,
                        "prompt",
                        fields.any("prompt")
                                .orElseThrow(() -> fields.invalid("prompt", "is missing")));
        Optional<Integer> likeliest = fields.integer("logprobs", 0, MAX_LIKELIEST);
        boolean echo = fields.flag("echo");
        if (echo && common.stream()) {
            throw fields.invalid("echo", "cannot be streamed");
        }
        fields.integer("best_of", 1, 1);
        wantsJson(fields, false);
        fields.requireNoOthers();
        List<CompletionForm.Echo> echoed = new ArrayList<>();
        for (CompletionForm.Echo each : given) {
            for (int i = 0; i < common.count() && echo; i++) {
                echoed.add(each);
            }
        }
        LogProbs logProbs = likeliest.map(count -> new LogProbs(count, echo)).orElse(LogProbs.NONE);
        Ending ending = new Ending(model.tokenizer().stopIds(), common.stops(), Optional.empty());
        int longest = given.stream().mapToInt(each -> each.tokens().length).max().orElse(0);
        int room = Math.min(DEFAULT_COMPLETION_TOKENS, Math.max(1, longestSequence - longest));
        return call(
                new CompletionForm(texts, likeliest.isPresent(), echoed),
                common,
                given.stream().map(CompletionForm.Echo::tokens).toList(),
                new Wanted(ending, logProbs, common.maxTokens().orElse(room)));
    }

    /// Whether the answer is to be a JSON object.
    private static boolean wantsJson(Fields fields, boolean possible) {
        Optional<JsonNode> format = fields.any("response_format");
        if (format.isEmpty()) {
            return false;
        }
        Fields inner = Fields.of(format.get(), fields.path("response_format"));
        String type = inner.text("type").orElse("");
        boolean json = possible && type.equals("json_object");
        if (!json && !type.equals("text")) {
            throw inner.invalid(
                    "type", possible ? "must be 'text' or 'json_object'" : "must be 'text'");
        }
        inner.requireNoOthers();
        return json;
    }

    private JsonVocabulary json(Fields fields, CommonFields common, int limit) {
        if (!common.stops().isEmpty()) {
            throw fields.invalid("stop", "would cut a JSON object off");
        }
        if (limit < JsonConstraint.leastTokens()) {
            throw fields.invalid("max_tokens", "is too small for a JSON object");
        }
        if (!jsonTokens.get().suffices()) {
            throw fields.invalid(
                    "response_format", "needs a tokenizer with a token for each of {}[]\":0");
        }
        return jsonTokens.get();
    }

    /// The limit of tokens where none is given: what the context has room for.
    private int limit(Optional<Integer> maxTokens, int promptTokens) {
        return maxTokens.orElse(Math.max(1, longestSequence - promptTokens));
    }

    /// What is wanted of every prompt.
    private record Wanted(Ending ending, LogProbs logProbs, int maxTokens) {}

    private Call call(AnswerForm form, CommonFields common, List<int[]> prompts, Wanted wanted) {
        if ((long) prompts.size() * common.count() > MAX_TASKS) {
            throw ApiException.invalid("n", "at most " + MAX_TASKS + " answers to one request");
        }
        String adapter = adapter(common.model());
        List<TaskRequest> tasks = new ArrayList<>();
        for (int[] prompt : prompts) {
            requireRoom(prompt.length, wanted.maxTokens());
            Seed seed = common.choice().seed();
            for (int i = 0; i < common.count(); i++) {
                tasks.add(
                        new TaskRequest(
                                adapter,
                                prompt,
                                common.choice(wanted.maxTokens()).seeded(seed.of("answer", i)),
                                wanted.ending(),
                                wanted.logProbs()));
            }
        }
        return new Call(
                form, List.copyOf(tasks), common.stream(), common.includeUsage(), common.count());
    }

    /// The adapter that is asked for, empty for the model itself.
    ///
    /// @throws ApiException 404 where there is neither
    public String adapter(String name) {
        if (name.isEmpty() || name.equals(model.name())) {
            return "";
        }
        if (!adapters.contains(name)) {
            throw ApiException.of(404, "model_not_found", "the model '" + name + "' does not exist")
                    .at("model");
        }
        return name;
    }

    /// The last token of an answer is only chosen, never read: it needs no room.
    private void requireRoom(int promptTokens, int maxTokens) {
        if ((long) promptTokens + Math.max(maxTokens, 1) - 1 > longestSequence) {
            throw ApiException.of(
                            400,
                            "context_length_exceeded",
                            "this model's maximum context length is %d tokens, but %d were requested (%d in the prompt, %d for the answer)"
                                    .formatted(
                                            longestSequence,
                                            (long) promptTokens + maxTokens,
                                            promptTokens,
                                            maxTokens))
                    .at("max_tokens");
        }
    }

    /// The tokens of a text or of a conversation, for `/tokenize`.
    ///
    /// @throws ApiException when there is neither
    public TokenizedPrompt tokens(JsonNode body) {
        Fields fields = Fields.of(body);
        adapter(fields.text("model").orElse(""));
        Optional<JsonNode> messages = fields.any("messages");
        Optional<String> text = fields.text("prompt");
        boolean bare =
                fields.any("add_special_tokens").isPresent() && !fields.flag("add_special_tokens");
        boolean pieces = fields.flag("pieces");
        fields.requireNoOthers();
        if (messages.isPresent()) {
            EncodedChat chat = prompts.chat(messages.get());
            return new TokenizedPrompt(
                    chat.tokens(),
                    pieces
                            ? Optional.of(TokenPieces.of(chat, model.tokenizer()))
                            : Optional.empty());
        }
        if (pieces) {
            throw fields.invalid("pieces", "goes with 'messages' only");
        }
        String given = text.orElseThrow(() -> fields.invalid("prompt", "is missing"));
        return new TokenizedPrompt(model.tokenizer().encode(given, !bare), Optional.empty());
    }

    /// A vote between two answers, for `/v1/votes`.
    ///
    /// @throws ApiException when it is incomplete, or names a model that is not served
    public Vote vote(JsonNode body) {
        Vote vote = Vote.read(Fields.of(body));
        adapter(vote.left().model());
        adapter(vote.right().model());
        return vote;
    }

    /// A call of `/v1/embeddings`.
    ///
    /// @throws ApiException when it cannot be answered
    public EmbeddingCall embeddings(JsonNode body) {
        Fields fields = Fields.of(body);
        String name = fields.text("model").orElse("");
        String encoding = fields.text("encoding_format").orElse("float");
        if (!encoding.equals("float") && !encoding.equals("base64")) {
            throw fields.invalid("encoding_format", "must be 'float' or 'base64'");
        }
        List<int[]> inputs =
                prompts
                        .plain(
                                fields,
                                "input",
                                fields.any("input")
                                        .orElseThrow(() -> fields.invalid("input", "is missing")))
                        .stream()
                        .map(CompletionForm.Echo::tokens)
                        .toList();
        fields.ignore("user");
        fields.requireNoOthers();
        if (inputs.size() > MAX_TASKS) {
            throw fields.invalid("input", "may hold at most " + MAX_TASKS + " texts");
        }
        inputs.forEach(input -> requireRoom(input.length, 0));
        return new EmbeddingCall(adapter(name), inputs, encoding.equals("base64"));
    }
}
