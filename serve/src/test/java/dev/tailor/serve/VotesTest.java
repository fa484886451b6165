package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Votes between two answers.
class VotesTest {
    private static final String VOTES = "/v1/votes";

    @TempDir Path directory;

    private static ServerSettings keeping(Path file) {
        return new ServerSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                Optional.empty(),
                TestServer.LOAD,
                Map.of(),
                Optional.of(file));
    }

    private static String vote(String winner, String left, String right) {
        return """
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Où?"}],
         "left": {"model": "tiny", "content": "%s"}, "right": {"model": "tiny", "content": "%s"},
         "winner": "%s", "settings": {"temperature": 0.7, "stop": ["."]}}\
        """
                .formatted(left, right, winner);
    }

    private static List<JsonNode> rows(Path file) throws Exception {
        return Files.readAllLines(file).stream().map(JsonMapper.shared()::readTree).toList();
    }

    @Test
    void pairs_areRowsOfPreferences_andTheOthersStandApart() throws Exception {
        Path file = Files.writeString(directory.resolve("votes.jsonl"), "{\"half\": ");
        try (TestServer server = new TestServer(keeping(file))) {
            assertThat(server.ask(200, VOTES).path("kept").booleanValue()).isTrue();
            assertThat(
                            server.ask(201, VOTES, vote("left", "Là.", "Ici."))
                                    .path("pair")
                                    .booleanValue())
                    .isTrue();
            server.ask(201, VOTES, vote("right", "Là.", "Ici."));
            for (String apart :
                    List.of(
                            vote("tie", "Là.", "Ici."),
                            vote("both_bad", "Là.", "Ici."),
                            vote("left", "Là.", "Là."),
                            vote("left", "Là.", ""))) {
                assertThat(server.ask(201, VOTES, apart).path("pair").booleanValue()).isFalse();
            }
        }
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3).first().isEqualTo("{\"half\": ");
        JsonNode left = JsonMapper.shared().readTree(lines.get(1));
        assertThat(left.path("prompt").toString())
                .isEqualTo(
                        "[{\"role\":\"system\",\"content\":\"Be"
                                + " brief.\"},{\"role\":\"user\",\"content\":\"Où?\"}]");
        assertThat(left.path("chosen").toString())
                .isEqualTo("[{\"role\":\"assistant\",\"content\":\"Là.\"}]");
        assertThat(left.path("settings").path("temperature").doubleValue()).isEqualTo(0.7);
        JsonNode right = JsonMapper.shared().readTree(lines.get(2));
        assertThat(right.path("chosen").toString()).contains("Ici.");
        assertThat(right.path("rejected").toString()).contains("Là.");
        assertThat(rows(directory.resolve("votes.others.jsonl")))
                .hasSize(4)
                .allSatisfy(row -> {
                    assertThat(row.has("chosen")).isFalse();
                    assertThat(row.path("left").toString()).contains("Là.");
                })
                .extracting(row -> row.path("vote").stringValue())
                .containsExactly("tie", "both_bad", "left", "left");
    }

    @Test
    void incompleteVotes_areRefusedByName_andNothingIsWritten() throws Exception {
        Path file = directory.resolve("votes.jsonl");
        try (TestServer server = new TestServer(keeping(file))) {
            String whole = vote("left", "a", "b");
            refused(server, whole.replace("\"winner\": \"left\"", "\"winner\": \"up\""), "winner");
            refused(server, whole.replace("\"winner\": \"left\",", ""), "winner");
            refused(
                    server,
                    whole.replace("\"right\": {\"model\": \"tiny\"", "\"right\": {\"model\": 1"),
                    "right.model");
            refused(
                    server,
                    whole.replace("\"content\": \"Où?\"", "\"content\": \" \""),
                    "messages");
            refused(server, whole.replace("\"user\"", "\"assistant\""), "messages");
            refused(
                    server,
                    whole.replace("{\"temperature\": 0.7, \"stop\": [\".\"]}", "3"),
                    "settings");
            refused(server, whole.replace("\"settings\"", "\"comment\""), "comment");
            server.refused(404, VOTES, whole.replace("\"tiny\"", "\"other\""));
        }
        assertThat(file).isEmptyFile();
    }

    private static void refused(TestServer server, String vote, String param) throws Exception {
        assertThat(server.refused(400, VOTES, vote).path("param").stringValue()).isEqualTo(param);
    }

    @Test
    void votes_withoutAFile_areRefused() throws Exception {
        try (TestServer server = new TestServer(TestServer.settings())) {
            assertThat(server.ask(200, VOTES).path("kept").booleanValue()).isFalse();
            assertThat(
                            server.refused(404, VOTES, vote("left", "a", "b"))
                                    .path("message")
                                    .stringValue())
                    .contains("--votes");
        }
    }

    @Test
    void fileThatCannotBeWritten_isNamedBeforeTheServerStarts() {
        for (String name : List.of("missing/votes.jsonl", "votes.json")) {
            Path file = directory.resolve(name);
            assertThatThrownBy(() -> new TestServer(keeping(file)).close())
                    .isInstanceOfSatisfying(
                            TailorException.class,
                            e -> assertThat(e.render()).contains(file.toString()));
        }
    }

    @Test
    void pieces_oneAfterAnother_areTheRenderedPrompt() throws Exception {
        try (TestServer server = new TestServer(TestServer.settings())) {
            JsonNode reply =
                    server.ask(
                            "/tokenize",
                            "{\"pieces\": true, \"messages\": [{\"role\": \"user\", \"content\":"
                                    + " \"é 😀 <|im_end|>\"}]}");
            StringBuilder text = new StringBuilder();
            int special = 0;
            for (JsonNode piece : reply.path("pieces")) {
                text.append(piece.path("text").stringValue());
                special += piece.path("special").booleanValue() ? 1 : 0;
            }
            assertThat(text)
                    .hasToString(reply.path("text").stringValue())
                    .contains("é 😀 <|im_end|>");
            assertThat(reply.path("pieces")).hasSize(reply.path("count").intValue());
            // The template's own, not the one that the user spelt.
            assertThat(special).isEqualTo(3);
            assertThat(
                            server.refused(
                                            400,
                                            "/tokenize",
                                            "{\"pieces\": true, \"prompt\": \"a\"}")
                                    .path("param")
                                    .stringValue())
                    .isEqualTo("pieces");
        }
    }
}
