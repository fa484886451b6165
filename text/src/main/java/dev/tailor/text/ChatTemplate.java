package dev.tailor.text;

import dev.tailor.text.internal.jinja.Template;
import dev.tailor.text.internal.jinja.value.Mark;
import dev.tailor.text.internal.jinja.value.Text;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A chat template: the Jinja program of a model that turns a conversation into one text.
///
/// It renders byte for byte what transformers' `apply_chat_template` renders, within a sandbox: it
/// reaches no file and no class, changes nothing it is given, evaluates nothing that stands in a
/// message, and is stopped when it asks for far more time or memory than a chat needs. Immutable
/// and safe for use by several threads.
public final class ChatTemplate {
    private final String name;
    private final String source;
    private final Template template;

    private ChatTemplate(String name, String source) {
        this.name = name;
        this.source = source;
        this.template = Template.compile(source, name);
    }

    /// Compiles a template.
    ///
    /// @param name what errors call it, such as its file
    /// @throws dev.tailor.core.TailorException `TEMPLATE_INVALID` with `name:line`
    public static ChatTemplate compile(String source, String name) {
        return new ChatTemplate(name, source);
    }

    /// The template of a model, or [#plain] where it has none.
    ///
    /// Looks for `chat_template.jinja`, then `chat_template.json`, then `chat_template` in
    /// `tokenizer_config.json`, which is a text or a list of named ones, of which `default` is
    /// taken.
    public static ChatTemplate load(Path modelDirectory) {
        return find(modelDirectory).orElseGet(ChatTemplate::plain);
    }

    /// The template of a model, if it has one; see [#load].
    public static Optional<ChatTemplate> find(Path modelDirectory) {
        return TemplateFiles.find(modelDirectory, "default");
    }

    /// One of a model's named templates, such as `tool_use` or `rag`, if it has that one.
    public static Optional<ChatTemplate> find(Path modelDirectory, String name) {
        return TemplateFiles.find(modelDirectory, name);
    }

    /// The template for models without one: ChatML, whose text is `<|im_start|>role`, a line break,
    /// the trimmed content, `<|im_end|>`, a line break, for each message, and
    /// `<|im_start|>assistant` with a line break where the model is to speak. It marks what an
    /// assistant says, its `<|im_end|>` included, with `{% generation %}`.
    public static ChatTemplate plain() {
        return compile(TemplateFiles.plainSource(), "plain");
    }

    /// The name errors use.
    public String name() {
        return name;
    }

    /// The source it was compiled from.
    public String source() {
        return source;
    }

    /// Whether it says itself what the model is to learn, with `{% generation %}`.
    public boolean marksGenerations() {
        return template.marksGenerations();
    }

    /// Renders a conversation as of now.
    ///
    /// @param variables `messages` (a list of maps, see [Message#fields]), `tools`, `documents`,
    ///   `add_generation_prompt`, `bos_token`, ...: JSON-like values. As in transformers, missing
    ///   `tools` and `documents` are none and a missing `add_generation_prompt` is false
    /// @throws dev.tailor.core.TailorException `TEMPLATE_INVALID` with `name:line` where the
    ///   template refuses the conversation
    public Rendering render(Map<String, ?> variables) {
        return render(variables, LocalDateTime.now());
    }

    /// Renders a conversation as of a given time, which `strftime_now` gives to the template.
    public Rendering render(Map<String, ?> variables, LocalDateTime now) {
        Map<String, Object> complete = new HashMap<>(variables);
        complete.putIfAbsent("add_generation_prompt", false);
        addMissing(complete, "tools");
        addMissing(complete, "documents");
        return rendering(template.render(complete, now));
    }

    @SuppressWarnings("NullAway") // JSON's null: the template sees none.
    private static void addMissing(Map<String, Object> variables, String name) {
        if (!variables.containsKey(name)) {
            variables.put(name, null);
        }
    }

    private static Rendering rendering(Text text) {
        List<Span> data = new ArrayList<>();
        List<Span> generation = new ArrayList<>();
        for (Mark mark : text.marks()) {
            int message = Math.max(mark.source(), Span.NO_MESSAGE);
            (mark.isData() ? data : generation)
                    .add(new Span(mark.start(), mark.end(), message, mark.offset()));
        }
        generation.sort(Comparator.comparingInt(Span::start));
        return new Rendering(text.chars(), data, generation);
    }
}
