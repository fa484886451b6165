package dev.tailor.data;

import dev.tailor.core.AtomicWrite;
import dev.tailor.text.LossWeights;
import dev.tailor.text.Message;

import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes samples as JSON lines in the normal form of their kind: `{text}`, `{text, pairs}`,
/// `{messages, tools}`, `{prompt, completion}`, `{prompt, chosen, rejected}`, `{prompt, completion,
/// label}`.
public final class SampleWriter {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private SampleWriter() {}

    /// Writes a data set into a file, whole or not at all; the number of samples.
    public static long write(DataSet data, Path file) {
        long[] count = {0};
        AtomicWrite.file(
                file,
                path -> {
                    try (BufferedWriter out =
                                    Files.newBufferedWriter(path, StandardCharsets.UTF_8);
                            SampleReader reader = data.reader()) {
                        for (Sample sample = reader.next();
                                sample != null;
                                sample = reader.next()) {
                            out.write(toJson(sample));
                            out.write('\n');
                            count[0]++;
                        }
                    }
                });
        return count[0];
    }

    /// One sample as one line of JSON.
    public static String toJson(Sample sample) {
        Map<String, Object> row = new LinkedHashMap<>();
        switch (sample) {
            case Sample.Text text -> row.put("text", text.text());
            case Sample.Augmented text -> {
                row.put("text", text.text());
                row.put("pairs", text.pairs().stream().map(SampleWriter::map).toList());
                text.source().ifPresent(source -> row.put("source", source));
            }
            case Sample.Chat chat -> {
                boolean context = chat.firstTrained() > 0;
                List<Message> messages = chat.messages();
                int first = chat.firstTrained();
                if (context) {
                    row.put("prompt", list(messages.subList(0, first)));
                    row.put("completion", list(messages.subList(first, messages.size())));
                } else {
                    row.put("messages", list(messages));
                }
                if (!chat.tools().isEmpty()) {
                    row.put("tools", chat.tools());
                }
            }
            case Sample.PromptCompletion pair -> {
                row.put("prompt", pair.prompt());
                row.put("completion", pair.completion());
            }
            case Sample.Preference pair -> {
                row.put("prompt", list(pair.prompt()));
                row.put("chosen", list(pair.chosen()));
                row.put("rejected", list(pair.rejected()));
            }
            case Sample.Unpaired answer -> {
                row.put("prompt", list(answer.prompt()));
                row.put("completion", list(answer.completion()));
                row.put("label", answer.desirable());
            }
        }
        return MAPPER.writeValueAsString(row);
    }

    private static List<Map<String, Object>> list(List<Message> messages) {
        return messages.stream().map(SampleWriter::map).toList();
    }

    private static Map<String, Object> map(Sample.Augmented.Pair pair) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("question", pair.question());
        map.put("answer", pair.answer());
        return map;
    }

    private static Map<String, Object> map(Message message) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("role", message.role());
        map.put("content", message.content());
        map.putAll(message.rest());
        message.weights().message().ifPresent(weight -> map.put("weight", weight));
        if (!message.weights().parts().isEmpty()) {
            String text = message.content().toString();
            map.put(
                    "spans",
                    message.weights().parts().stream().map(part -> span(part, text)).toList());
        }
        return map;
    }

    /// A part by the code points of its text, as the reader counts them.
    private static Map<String, Object> span(LossWeights.Part part, String text) {
        Map<String, Object> span = new LinkedHashMap<>();
        span.put("start", text.codePointCount(0, part.start()));
        span.put("end", text.codePointCount(0, part.end()));
        span.put("weight", part.weight());
        return span;
    }
}
