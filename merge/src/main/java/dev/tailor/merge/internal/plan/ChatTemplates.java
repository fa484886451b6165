package dev.tailor.merge.internal.plan;

import dev.tailor.merge.ChatTemplateChoice;
import dev.tailor.text.ChatTemplate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides which chat template the output gets.
final class ChatTemplates {
    private ChatTemplates() {}

    /// The template's text, or nothing where the output's side files hold it already.
    ///
    /// @param preferred whose template wins among equals
    /// @param sideFiles which model gives the side files
    static Optional<String> of(
            ChatTemplateChoice choice, List<OpenModel> models, int preferred, int sideFiles) {
        return switch (choice) {
            case ChatTemplateChoice.Given given -> Optional.of(given.source());
            case ChatTemplateChoice.MostFrequent most -> {
                Optional<String> chosen = mostFrequent(models, preferred);
                yield chosen.equals(templateOf(models.get(sideFiles))) ? Optional.empty() : chosen;
            }
        };
    }

    /// The preferred model is asked first, so that its template wins among equals.
    private static Optional<String> mostFrequent(List<OpenModel> models, int preferred) {
        Map<String, Integer> votes = new LinkedHashMap<>();
        templateOf(models.get(preferred)).ifPresent(template -> votes.put(template, 0));
        for (OpenModel model : models) {
            templateOf(model).ifPresent(template -> votes.merge(template, 1, Integer::sum));
        }
        Optional<String> most = Optional.empty();
        int count = 0;
        for (Map.Entry<String, Integer> vote : votes.entrySet()) {
            if (vote.getValue() > count) {
                most = Optional.of(vote.getKey());
                count = vote.getValue();
            }
        }
        return most;
    }

    private static Optional<String> templateOf(OpenModel model) {
        return ChatTemplate.find(model.model().directory()).map(ChatTemplate::source);
    }
}
