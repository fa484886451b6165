package dev.tailor.export.internal.chat;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes a chat template's shape as a Go template for Ollama, which gives it `.Messages`, each
/// with `.Role` and `.Content`, and `.System`.
///
/// All in one piece, without the trimming markers of Go: they would trim the template's own line
/// breaks as well.
public final class GoTemplate {
    private static final Pattern BRACES = Pattern.compile("\\{\\{|\\{$");

    private final ChatShape shape;
    private final String bos;
    private final boolean bosIsAdded;
    private final StringBuilder out = new StringBuilder();

    private GoTemplate(ChatShape shape, String bos, boolean bosIsAdded) {
        this.shape = shape;
        this.bos = bos;
        this.bosIsAdded = bosIsAdded && !bos.isEmpty();
    }

    /// The Go template.
    ///
    /// @param bos the beginning-of-text token's text, or an empty one
    /// @param bosIsAdded whether the reader of the GGUF file adds it anyway, so that the template
    ///   must not begin with it
    public static String of(ChatShape shape, String bos, boolean bosIsAdded) {
        return new GoTemplate(shape, bos, bosIsAdded).write();
    }

    private String write() {
        boolean firstUserLosesBos = bosIsAdded && shape.user().before().startsWith(bos);
        if (firstUserLosesBos) {
            out.append("{{ $first := true }}");
        }
        literal(bosIsAdded ? withoutBos(shape.opening()) : shape.opening());
        if (!shape.standIn().isEmpty()) {
            out.append("{{ if not .System }}");
            literal(shape.standIn());
            out.append("{{ end }}");
        }
        Optional<String> uniform = uniform();
        if (uniform.isPresent()) {
            out.append("{{ range .Messages }}").append(uniform.get()).append("{{ end }}");
        } else {
            messages(firstUserLosesBos);
        }
        literal(shape.invitation());
        return out.toString();
    }

    /// The shorter form where the roles' names are all that differs.
    private Optional<String> uniform() {
        if (shape.systemWithinUser() || (bosIsAdded && shape.user().before().startsWith(bos))) {
            return Optional.empty();
        }
        String system = named(shape.system(), "system");
        String user = named(shape.user(), "user");
        String assistant = named(shape.assistant(), "assistant");
        return user.contains("{{ .Role }}") && user.equals(system) && user.equals(assistant)
                ? Optional.of(user)
                : Optional.empty();
    }

    private static String named(ChatShape.Around around, String role) {
        String[] besideRole = around.before().split(Pattern.quote(role), -1);
        return Arrays.stream(besideRole)
                        .map(GoTemplate::escape)
                        .collect(Collectors.joining("{{ .Role }}"))
                + "{{ .Content }}"
                + escape(around.after());
    }

    private void messages(boolean firstUserLosesBos) {
        if (shape.systemWithinUser()) {
            out.append("{{ $system := \"\" }}");
        }
        out.append("{{ range .Messages }}{{ if eq .Role \"system\" }}");
        if (shape.systemWithinUser()) {
            out.append("{{ $system = .Content }}");
        } else {
            around(shape.system());
        }
        out.append("{{ else if eq .Role \"user\" }}");
        user(firstUserLosesBos);
        out.append("{{ else if eq .Role \"assistant\" }}");
        around(shape.assistant());
        out.append("{{ end }}{{ end }}");
    }

    private void user(boolean firstLosesBos) {
        if (firstLosesBos) {
            out.append("{{ if not $first }}");
            literal(bos);
            out.append("{{ end }}{{ $first = false }}");
            literal(withoutBos(shape.user().before()));
        } else {
            literal(shape.user().before());
        }
        if (shape.systemWithinUser()) {
            out.append("{{ if $system }}");
            literal(shape.system().before());
            out.append("{{ $system }}");
            literal(shape.system().after());
            out.append("{{ $system = \"\" }}{{ end }}");
        }
        out.append("{{ .Content }}");
        literal(shape.user().after());
    }

    private void around(ChatShape.Around around) {
        literal(around.before());
        out.append("{{ .Content }}");
        literal(around.after());
    }

    private String withoutBos(String text) {
        return text.startsWith(bos) ? text.substring(bos.length()) : text;
    }

    private void literal(String text) {
        out.append(escape(text));
    }

    /// Braces that would begin an action, alone or together with the action that follows.
    private static String escape(String text) {
        return BRACES.matcher(text).replaceAll("{{ \"$0\" }}");
    }
}
