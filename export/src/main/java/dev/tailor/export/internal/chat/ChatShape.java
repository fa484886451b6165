package dev.tailor.export.internal.chat;

import dev.tailor.core.TailorException;
import dev.tailor.text.ChatTemplate;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a chat template puts around each message, for templates that treat every message alike:
/// ChatML, Llama 2 and 3, Zephyr, Phi, Granite and many more.
///
/// The shape is told from what the template renders, not from how it is written, and taken only if
/// it renders every probing conversation exactly as the template does.
///
/// @param opening what stands before everything
/// @param standIn what stands in the place of a system message where there is none
/// @param system around a system message
/// @param systemWithinUser whether the system message stands within the first user message, as in
///   Llama 2
/// @param user around a user message
/// @param assistant around an answer
/// @param invitation what is added for the model to answer
public record ChatShape(
        String opening,
        String standIn,
        Around system,
        boolean systemWithinUser,
        Around user,
        Around assistant,
        String invitation) {
    /// What stands before and after a content.
    public record Around(String before, String after) {}

    /// A message of a probing conversation.
    record Turn(String role, String content) {}

    private static final Turn SYSTEM = new Turn("system", "Obey zqsystem.");
    private static final Turn FIRST = new Turn("user", "Ask zqfirst?");
    private static final Turn ANSWER = new Turn("assistant", "Say zqanswer.");
    private static final Turn SECOND = new Turn("user", "Ask zqsecond?");
    private static final Turn END = new Turn("assistant", "Say zqend.");

    private static final List<List<Turn>> PROBES =
            List.of(
                    List.of(FIRST),
                    List.of(SYSTEM, FIRST),
                    List.of(FIRST, ANSWER, SECOND),
                    List.of(SYSTEM, FIRST, ANSWER, SECOND),
                    List.of(SYSTEM, FIRST, ANSWER, SECOND, END, FIRST));

    /// The shape of a template, if it has one.
    ///
    /// @param variables the texts `bos_token`, `eos_token`, ... that the template may use
    public static Optional<ChatShape> of(ChatTemplate template, Map<String, String> variables) {
        // Told on one day and checked on another: a template that prints the date has no fixed
        // shape.
        Probe probe = new Probe(template, variables, LocalDateTime.of(2001, 2, 3, 4, 5));
        Probe later = new Probe(template, variables, LocalDateTime.of(2017, 8, 19, 20, 21));
        try {
            return tell(probe, variables.getOrDefault("bos_token", ""))
                    .filter(shape -> shape.rendersLike(later));
        } catch (TailorException e) {
            // It refuses one of the conversations: not a shape that fits every message.
            return Optional.empty();
        }
    }

    private record Probe(ChatTemplate template, Map<String, String> variables, LocalDateTime now) {
        String render(List<Turn> turns, boolean invite) {
            Map<String, Object> all = new HashMap<>(variables);
            all.put(
                    "messages",
                    turns.stream()
                            .map(turn -> Map.of("role", turn.role(), "content", turn.content()))
                            .toList());
            all.put("add_generation_prompt", invite);
            return template.render(all, now).text();
        }
    }

    private static Optional<ChatShape> tell(Probe probe, String bos) {
        List<String> asked = cut(probe.render(List.of(FIRST), false), FIRST);
        List<String> answered = cut(probe.render(List.of(FIRST, ANSWER), false), FIRST, ANSWER);
        List<String> again =
                cut(probe.render(List.of(FIRST, ANSWER, SECOND), false), FIRST, ANSWER, SECOND);
        List<String> instructed = cut(probe.render(List.of(SYSTEM, FIRST), false), SYSTEM, FIRST);
        List<String> invited = cut(probe.render(List.of(FIRST), true), FIRST);
        if (List.of(asked, answered, again, instructed, invited).stream().anyMatch(List::isEmpty)) {
            return Optional.empty();
        }
        String userAfter = asked.get(1);
        Optional<String> invitation = without(userAfter, invited.get(1));
        Optional<String> assistantBefore = without(userAfter, answered.get(1));
        String assistantAfter = answered.get(2);
        Optional<String> userBefore = without(assistantAfter, again.get(2));
        if (invitation.isEmpty() || assistantBefore.isEmpty() || userBefore.isEmpty()) {
            return Optional.empty();
        }
        Around user = new Around(userBefore.get(), userAfter);
        Around assistant = new Around(assistantBefore.get(), assistantAfter);
        if (!asked.getFirst().endsWith(user.before())) {
            return Optional.empty();
        }
        String lead = head(asked.getFirst(), user.before());
        String opening = !bos.isEmpty() && lead.startsWith(bos) ? bos : "";
        String standIn = lead.substring(opening.length());
        return system(instructed, opening, user)
                .map(system ->
                        new ChatShape(
                                opening,
                                standIn,
                                system,
                                !instructed.get(1).endsWith(user.before()),
                                user,
                                assistant,
                                invitation.get()));
    }

    private static Optional<Around> system(List<String> instructed, String opening, Around user) {
        String before = instructed.get(0);
        String between = instructed.get(1);
        if (between.endsWith(user.before())) {
            return without(opening, before)
                    .map(text -> new Around(text, head(between, user.before())));
        }
        return without(opening + user.before(), before).map(text -> new Around(text, between));
    }

    private boolean rendersLike(Probe probe) {
        return PROBES.stream().allMatch(turns -> render(turns).equals(probe.render(turns, true)));
    }

    /// Renders a conversation for the model to answer.
    String render(List<Turn> turns) {
        StringBuilder text = new StringBuilder(opening);
        boolean instructed = turns.getFirst().role().equals("system");
        if (!instructed) {
            text.append(standIn);
        }
        String pending = "";
        for (Turn turn : turns) {
            String content = turn.content();
            switch (turn.role()) {
                case "system" -> {
                    String whole = system.before() + content + system.after();
                    if (systemWithinUser) {
                        pending = whole;
                    } else {
                        text.append(whole);
                    }
                }
                case "user" -> {
                    text.append(user.before()).append(pending).append(content);
                    text.append(user.after());
                    pending = "";
                }
                case String other ->
                        text.append(assistant.before()).append(content).append(assistant.after());
            }
        }
        return text.append(invitation).toString();
    }

    /// What stands around the contents of the turns, or nothing if one is not there once.
    private static List<String> cut(String text, Turn... turns) {
        String[] parts = new String[turns.length + 1];
        int from = 0;
        for (int i = 0; i < turns.length; i++) {
            String content = turns[i].content();
            int at = text.indexOf(content, from);
            if (at < 0 || text.indexOf(content, at + 1) >= 0) {
                return List.of();
            }
            parts[i] = text.substring(from, at);
            from = at + content.length();
        }
        parts[turns.length] = text.substring(from);
        return List.of(parts);
    }

    private static Optional<String> without(String prefix, String text) {
        return text.startsWith(prefix)
                ? Optional.of(text.substring(prefix.length()))
                : Optional.empty();
    }

    private static String head(String text, String suffix) {
        return text.substring(0, text.length() - suffix.length());
    }
}
