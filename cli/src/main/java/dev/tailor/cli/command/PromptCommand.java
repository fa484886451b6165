package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.ChatEncoder;
import dev.tailor.text.ChatTemplate;
import dev.tailor.text.EncodedChat;
import dev.tailor.text.Message;
import dev.tailor.text.Tokenizer;
import dev.tailor.text.TrainOn;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// `tailor prompt`.
@Command(
        name = "prompt",
        customSynopsis = {
            "tailor prompt MODEL --messages FILE.json [--tokens]",
            "       tailor prompt --template FILE.jinja --messages FILE.json"
        },
        description = {"Show exactly what a chat template makes of a conversation.", ""},
        footer = {
            "",
            "The file holds a list of messages, or an object with 'messages' and whatever else the",
            "template reads ('tools', 'add_generation_prompt', ...). The text is printed as it is,",
            "without a line break at its end. With --tokens, each token is printed with its id and",
            "whether training learns from it.",
            "",
            "Examples:",
            "  tailor prompt ./model --messages chat.json",
            "  tailor prompt ./model --messages chat.json --tokens",
            "  tailor prompt --template chat.jinja --messages chat.json --bos '<s>'"
        })
public final class PromptCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Session session;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description = "A model directory, for its template and special tokens.")
    private @Nullable String model;

    @Option(
            names = "--template",
            paramLabel = "FILE.jinja",
            description = "Use this template instead of the model's.")
    private @Nullable Path template;

    @Option(
            names = "--messages",
            required = true,
            paramLabel = "FILE.json",
            description = "The conversation.")
    private Path messages = Path.of("");

    @Option(names = "--tokens", description = "Show tokens instead of text; needs a MODEL.")
    private boolean tokens;

    @Option(names = "--bos", paramLabel = "T", description = "The template's bos_token.")
    private @Nullable String bos;

    @Option(names = "--eos", paramLabel = "T", description = "The template's eos_token.")
    private @Nullable String eos;

    @Option(
            names = "--date",
            paramLabel = "YYYY-MM-DD",
            description = "The day the template is told it is (default: today).")
    private @Nullable LocalDate date;

    /// Prints to the session's output.
    public PromptCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Map<String, @Nullable Object> variables = variables();
        LocalDateTime now = date == null ? LocalDateTime.now() : date.atStartOfDay();
        if (model == null) {
            if (template == null || tokens) {
                throw TailorException.of(
                        ErrorCode.USAGE,
                        tokens ? "--tokens needs a MODEL" : "give a MODEL or a --template");
            }
            print(readTemplate(template).render(withoutNullness(variables), now).text());
            return 0;
        }
        Path directory = session.model(model).directory();
        ChatTemplate chosen =
                template == null ? ChatTemplate.load(directory) : readTemplate(template);
        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            if (tokens) {
                printTokens(encoded(new ChatEncoder(tokenizer, chosen).at(now)), tokenizer);
            } else {
                tokenizer.templateVariables().forEach(variables::putIfAbsent);
                print(chosen.render(withoutNullness(variables), now).text());
            }
        }
        return 0;
    }

    /// The conversation as training encodes it, or as generation does where the file asks for the
    /// assistant's turn.
    private EncodedChat encoded(ChatEncoder encoder) {
        JsonNode json = PlainJson.read(messages);
        JsonNode list = json.isArray() ? json : json.path("messages");
        Map<String, @Nullable Object> rest = new LinkedHashMap<>(variables());
        rest.keySet().removeAll(List.of("messages", "tools", "add_generation_prompt"));
        ChatEncoder complete = encoder.with(withoutNullness(rest));
        List<Message> said = PlainJson.messages(list, messages);
        Object tools = PlainJson.value(json.path("tools"));
        List<?> offered = tools instanceof List<?> some ? some : List.of();
        boolean prompts = json.path("add_generation_prompt").booleanValue(false);
        if (prompts) {
            return complete.prompt(said, offered);
        }
        boolean answered = said.stream().anyMatch(message -> message.role().equals("assistant"));
        return answered
                ? complete.encode(said, offered, TrainOn.ASSISTANT)
                : untrained(complete.encode(said, offered, TrainOn.ALL));
    }

    /// Without an answer there is nothing to learn.
    private static EncodedChat untrained(EncodedChat chat) {
        return new EncodedChat(
                chat.tokens(), new float[chat.length()], chat.starts(), chat.ends(), chat.text());
    }

    private Map<String, @Nullable Object> variables() {
        JsonNode json = PlainJson.read(messages);
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        if (json.isArray()) {
            variables.put("messages", PlainJson.value(json));
        } else if (json.isObject() && json.path("messages").isArray()) {
            json.forEachEntry((key, value) -> variables.put(key, PlainJson.value(value)));
        } else {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "neither a list of messages nor an object with 'messages'")
                    .at(messages);
        }
        if (bos != null) {
            variables.put("bos_token", bos);
        }
        if (eos != null) {
            variables.put("eos_token", eos);
        }
        return variables;
    }

    @SuppressWarnings("NullAway") // Values may be null: that is JSON's null.
    private static Map<String, Object> withoutNullness(Map<String, @Nullable Object> map) {
        return map;
    }

    private static ChatTemplate readTemplate(Path file) {
        try {
            return ChatTemplate.compile(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file").at(file).causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e)
                    .at(file)
                    .causedBy(e);
        }
    }

    private void print(String text) {
        if (session.json()) {
            session.print(JsonNodeFactory.instance.objectNode().put("prompt", text));
        } else {
            session.out().print(text);
        }
    }

    private void printTokens(EncodedChat encoded, Tokenizer tokenizer) {
        for (int i = 0; i < encoded.length(); i++) {
            int id = encoded.tokens()[i];
            String text = tokenizer.decode(new int[] {id}, false);
            boolean trained = encoded.isTrained(i);
            if (session.json()) {
                ObjectNode line = JsonNodeFactory.instance.objectNode();
                session.print(line.put("id", id).put("text", text).put("trained", trained));
            } else {
                session.print(
                        "%7d  %-7s  %s"
                                .formatted(
                                        id,
                                        trained ? "trained" : "-",
                                        JSON.writeValueAsString(text)));
            }
        }
    }
}
