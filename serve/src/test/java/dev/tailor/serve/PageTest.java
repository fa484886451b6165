package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The chat page in a real browser.
class PageTest {
    private static final String LAST = "[...document.querySelectorAll('.answer')].at(-1)";

    @TempDir static Path directory;

    private static TestServer server;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> program = Browser.installed();
        assumeThat(program).as("no Chromium is installed").isPresent();
        Path adapter =
                Path.of(System.getProperty("tailor.root"), "torch/src/test/resources/golden/lora");
        server =
                new TestServer(
                        new ServerSettings(
                                "127.0.0.1",
                                0,
                                Optional.empty(),
                                Optional.empty(),
                                TestServer.LOAD,
                                Map.of("lora", adapter),
                                Optional.of(votes())));
        browser = Browser.start(program.get(), directory.resolve("profile"));
        browser.size(1280, 800);
    }

    private static Path votes() {
        return directory.resolve("votes.jsonl");
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    /// A page as a new tab shows it.
    @BeforeEach
    void open() throws Exception {
        open(server);
        browser.evaluate("sessionStorage.clear()");
        open(server);
        set("max_tokens", "8");
        set("seed", "1");
    }

    private static void open(TestServer of) throws Exception {
        browser.open("http://127.0.0.1:" + of.server().port() + "/");
        browser.await("document.querySelector('.hint, .answer, .user')");
        browser.await(
                "document.querySelector('#model').value ||"
                        + " document.querySelector('#status.failed')");
    }

    private static void set(String field, String value) throws Exception {
        browser.evaluate(
                "(f => { f.value = '%s'; f.dispatchEvent(new Event('change')); })(document.querySelector('#%s'))"
                        .formatted(value, field));
    }

    private static void ask(String text) throws Exception {
        browser.evaluate("document.querySelector('#input').focus()");
        browser.type(text);
        browser.press("Enter");
        browser.await("document.querySelector('.acts') && document.body.ariaBusy === 'false'");
    }

    private static String answer() throws Exception {
        return browser.text(LAST + ".querySelector('.text').textContent");
    }

    @Test
    void answer_isTheServers_andEachTokenTellsItsProbability() throws Exception {
        ask("Who reads the meters?");
        JsonNode expected =
                server.ask(
                                "/v1/chat/completions",
                                """
                                {"messages": [{"role": "user", "content": "Who reads the meters?"}], "temperature": 0.7,
                                 "max_tokens": 8, "seed": 1, "logprobs": true, "top_logprobs": 5}\
                                """)
                        .path("choices")
                        .get(0);
        assertThat(answer()).isEqualTo(tokens(expected));
        browser.evaluate("document.querySelector('.answer .token').focus()");
        browser.press("ArrowRight");
        JsonNode second = expected.path("logprobs").path("content").get(1);
        assertThat(
                        browser.evaluate(
                                        "document.activeElement ==="
                                                + " document.querySelectorAll('.token')[1]")
                                .booleanValue())
                .isTrue();
        String card = browser.text("document.querySelector('#card').innerText");
        assertThat(card.lines().filter(line -> line.contains("%")).count()).isBetween(5L, 6L);
        double percent = 100 * Math.exp(second.path("logprob").doubleValue());
        String chosen = browser.text("document.querySelector('#card .chosen td').textContent");
        if (percent >= 0.01) {
            assertThat(Double.parseDouble(chosen.replace(" %", "")))
                    .isCloseTo(percent, within(0.06));
        }
    }

    private static String tokens(JsonNode choice) {
        StringBuilder text = new StringBuilder();
        choice.path("logprobs")
                .path("content")
                .forEach(token -> text.append(token.path("token").stringValue()));
        return text.toString();
    }

    @Test
    void prompt_isShownAsTheModelReadsIt() throws Exception {
        set("system", "Be brief.");
        ask("Hi");
        browser.click("[aria-label='Show the prompt and its tokens']");
        browser.await("document.querySelector('#prompt').open");
        String shown = browser.text("document.querySelector('#prompt-tokens').textContent");
        assertThat(shown).contains("Be brief.", "Hi", "↵");
        assertThat(
                        browser.evaluate("document.querySelectorAll('.piece.special').length")
                                .intValue())
                .isPositive();
        browser.press("Escape");
        browser.await("!document.querySelector('#prompt').open");
    }

    @Test
    void twoModels_areNamedAfterTheVote_whichIsKept() throws Exception {
        set("beside", "lora");
        ask("Which is better?");
        assertThat(browser.text("document.querySelector('#log').innerText"))
                .contains("Left", "Right")
                .doesNotContain("lora", "tiny");
        assertThat(browser.text("document.activeElement.dataset.vote")).isEqualTo("left");
        List<String> texts =
                List.of(
                        browser.text("document.querySelectorAll('.answer .text')[0].textContent"),
                        browser.text("document.querySelectorAll('.answer .text')[1].textContent"));
        for (int i = 0; i < 3; i++) {
            browser.press("ArrowRight");
        }
        assertThat(browser.text("document.activeElement.dataset.vote")).isEqualTo("right");
        browser.press("Enter");
        browser.await("document.querySelector('.vote p').innerText.includes('was')");
        List<String> models =
                List.of(
                        browser.text("document.querySelectorAll('.answer .who')[0].textContent"),
                        browser.text("document.querySelectorAll('.answer .who')[1].textContent"));
        assertThat(models).containsExactlyInAnyOrder("tiny", "lora");
        JsonNode row = JsonMapper.shared().readTree(Files.readAllLines(votes()).getLast());
        assertThat(row.path("models").path("chosen").stringValue()).isEqualTo(models.get(1));
        assertThat(row.path("chosen").get(0).path("content").stringValue())
                .isNotEqualTo(row.path("rejected").get(0).path("content").stringValue());
        assertThat(texts).doesNotHaveDuplicates();
        assertThat(row.path("prompt").get(0).path("content").stringValue())
                .isEqualTo("Which is better?");
        assertThat(row.path("settings").path("seed").intValue()).isEqualTo(1);
    }

    @Test
    void escape_stopsAnAnswer_whichIsKeptSoFar() throws Exception {
        set("max_tokens", "200");
        browser.evaluate(
                """
                (async () => {
                  const turn = () => new Promise(done => setTimeout(done));
                  document.querySelector('#input').value = 'Go on';
                  document.querySelector('#form').requestSubmit();
                  while (!document.querySelector('.answer .token')) await turn();
                  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
                  while (document.body.ariaBusy === 'true') await turn();
                })()\
                """);
        assertThat(browser.text("document.querySelector('.answer .failed').innerText"))
                .isEqualTo("Stopped.");
        assertThat(
                        browser.evaluate("document.querySelectorAll('.answer .token').length")
                                .intValue())
                .isBetween(1, 199);
    }

    @Test
    void editing_replacesTheMessage_andAgainTheAnswer() throws Exception {
        ask("First");
        ask("Second");
        browser.click("[aria-label='Edit this message']");
        assertThat(browser.text("document.querySelector('#input').value")).isEqualTo("First");
        set("input", "");
        ask("Changed");
        assertThat(browser.text("document.querySelector('.user .text').textContent"))
                .isEqualTo("Changed");
        assertThat(browser.evaluate("document.querySelectorAll('.user').length").intValue())
                .isEqualTo(1);
        String before = answer();
        set("seed", "2");
        browser.click("[aria-label='Answer again']");
        browser.await("document.body.ariaBusy === 'false'");
        assertThat(answer()).isNotEqualTo(before);
        assertThat(browser.evaluate("document.querySelectorAll('.answer').length").intValue())
                .isEqualTo(1);
    }

    @Test
    void conversation_outlivesAReload_andAnAnswerCanBeAJsonObject() throws Exception {
        set("max_tokens", "24");
        browser.click("#json");
        browser.evaluate("document.querySelector('#input').focus()");
        browser.type("One");
        browser.press("Enter", 8);
        browser.type("Two");
        browser.press("Enter");
        browser.await("document.querySelector('.acts') && document.body.ariaBusy === 'false'");
        assertThat(browser.text("document.querySelector('.user .text').textContent"))
                .isEqualTo("One\nTwo");
        assertThat(JsonMapper.shared().readTree(answer()).isObject()).isTrue();
        String before = answer();
        open(server);
        assertThat(answer()).isEqualTo(before);
        assertThat(browser.evaluate("document.querySelector('#json').checked").booleanValue())
                .isTrue();
        assertThat(browser.text("document.querySelector('#max_tokens').value")).isEqualTo("24");
    }

    @Test
    void export_isAFileWithMessagesAndTokens() throws Exception {
        ask("Keep this");
        browser.command(
                "Browser.setDownloadBehavior",
                Map.of("behavior", "allow", "downloadPath", directory.toString()));
        browser.click("#export");
        Path file = directory.resolve("conversation.json");
        long end = System.nanoTime() + 10_000_000_000L;
        while (!Files.exists(file) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        JsonNode saved = JsonMapper.shared().readTree(file);
        assertThat(saved.path("messages")).hasSize(2);
        assertThat(
                        saved.path("turns")
                                .get(1)
                                .path("answers")
                                .get(0)
                                .path("tokens")
                                .get(0)
                                .path("top"))
                .hasSize(5);
    }

    @Test
    void refusals_areToldInPlainWords() throws Exception {
        set("temperature", "9");
        browser.evaluate("document.querySelector('#input').focus()");
        browser.type("Hi");
        browser.press("Enter");
        assertThat(browser.text("document.querySelector('#status').innerText"))
                .contains("Temperature");
        assertThat(browser.text("document.activeElement.id")).isEqualTo("temperature");
        set("temperature", "1");
        set("max_tokens", "5000");
        set("input", "");
        ask("Hi");
        assertThat(browser.text("document.querySelector('.failed[role=alert]').innerText"))
                .contains("maximum context length");
        Path keys =
                Files.writeString(directory.resolve("keys.txt"), ApiKeys.create("alice").line());
        try (TestServer locked =
                new TestServer(
                        new ServerSettings(
                                "127.0.0.1",
                                0,
                                Optional.of(ApiKeys.load(keys)),
                                Optional.empty(),
                                TestServer.LOAD,
                                Map.of(),
                                Optional.empty()))) {
            open(locked);
            assertThat(browser.text("document.querySelector('#status').innerText"))
                    .contains("needs an API key");
            assertThat(browser.text("document.activeElement.id")).isEqualTo("key");
        }
    }

    @Test
    void controls_haveNames_andTheSchemeIsTheVisitors() throws Exception {
        assertThat(
                        browser.evaluate(
                                        """
                                        [...document.querySelectorAll('button, input, select, textarea')]
                                          .filter(e => !(e.ariaLabel || e.labels?.[0]?.textContent.trim() || e.textContent.trim())).length\
                                        """)
                                .intValue())
                .isZero();
        String paper = "getComputedStyle(document.body).backgroundColor";
        browser.prefer("light");
        String light = browser.text(paper);
        browser.prefer("dark");
        String dark = browser.text(paper);
        assertThat(dark).isNotEqualTo(light);
        browser.click("#theme");
        assertThat(browser.text(paper)).isEqualTo(light);
        browser.size(360, 640);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").intValue())
                .isLessThanOrEqualTo(360);
        browser.size(1280, 800);
    }

    @Test
    void page_fetchesNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = server.get("/");
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.body()).doesNotContain("://");
        assertThat(server.get("/page/main.js").headers().firstValue("content-type"))
                .contains("text/javascript; charset=utf-8");
        assertThat(server.get("/page/..%2FPage.class").statusCode()).isEqualTo(404);
    }
}
