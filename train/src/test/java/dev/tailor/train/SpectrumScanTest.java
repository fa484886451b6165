package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.train.internal.Golden;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class SpectrumScanTest {
    @TempDir private Path temporary;

    private static SpectrumScan scan(List<String> types) {
        return SpectrumScan.of(
                Golden.LLAMA, types, "scan", Event.Listener.none(), Cancellation.never());
    }

    private static JsonNode golden() throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(Files.readAllBytes(Golden.file("spectrum.json")));
    }

    @Test
    void scan_ofEveryType_matchesTheReferenceTool() throws IOException {
        SpectrumScan scan = scan(SpectrumScan.types(Golden.LLAMA));

        JsonNode expected = golden().get("snr");
        assertThat(scan.scores().stream().map(SpectrumScan.Score::module))
                .containsExactlyElementsOf(expected.propertyNames());
        for (SpectrumScan.Score score : scan.scores()) {
            JsonNode known = expected.get(score.module());
            assertThat(score.type()).isEqualTo(known.get("type").asString());
            double snr = known.get("snr").asDouble();
            assertThat(score.snr()).as(score.module()).isCloseTo(snr, within(1e-4 * snr));
        }
    }

    @Test
    void selection_ofTheBestHalf_writesTheReferenceYaml() throws IOException {
        SpectrumScan scan = scan(SpectrumScan.types(Golden.LLAMA));

        assertThat(SpectrumFiles.yaml(scan.selection(50)))
                .isEqualTo(golden().get("yaml_50").asString());
    }

    @Test
    void scan_withoutTypes_takesTheMatricesOfTheLayers() {
        assertThat(scan(List.of()).scores())
                .hasSize(14)
                .allSatisfy(score -> assertThat(score.type()).matches("(mlp|self_attn)\\..*_proj"));
    }

    /// A quarter of two layers is none, as in the reference tool; it must not go unnoticed.
    @Test
    void selection_shareOfLessThanALayer_saysSo() {
        SpectrumScan scan = scan(List.of("mlp.down_proj", "mlp.up_proj"));

        assertThat(scan.selection(25).remark().orElseThrow())
                .endsWith("none is chosen, of mlp.down_proj, mlp.up_proj");
        assertThat(scan.selection(50).remark()).isEmpty();
    }

    @Test
    void scan_ofUnknownType_namesTheNearest() {
        assertThatThrownBy(() -> scan(List.of("mlp.down_pro")))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                            assertThat(e.remedy()).hasValue("did you mean 'mlp.down_proj'?");
                        });
    }

    @Test
    void scan_reportsEveryModule() {
        List<Event> events = new ArrayList<>();

        SpectrumScan.of(
                Golden.LLAMA, List.of("mlp.down_proj"), "scan", events::add, Cancellation.never());

        assertThat(events)
                .containsExactly(
                        new Event.Step("scan", 1, 2, Map.of()),
                        new Event.Step("scan", 2, 2, Map.of()));
    }

    @Test
    void scan_whenCancelled_stops() {
        Cancellation cancellation = new Cancellation();
        cancellation.request();

        assertThatThrownBy(() ->
                        SpectrumScan.of(
                                Golden.LLAMA,
                                List.of(),
                                "scan",
                                Event.Listener.none(),
                                cancellation))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
    }

    @Test
    void files_survivesARoundTrip() throws IOException {
        SpectrumScan scan = scan(List.of());
        Path json = Files.writeString(temporary.resolve("snr.json"), SpectrumFiles.json(scan));
        Path yaml =
                Files.writeString(
                        temporary.resolve("top.yaml"), SpectrumFiles.yaml(scan.selection(50)));

        assertThat(SpectrumFiles.scan(json)).isEqualTo(scan);
        assertThat(SpectrumFiles.selection(yaml, 10).patterns())
                .isEqualTo(scan.selection(50).patterns());
        assertThat(SpectrumFiles.selection(json, 50)).isEqualTo(scan.selection(50));
    }

    @Test
    void file_withoutSelection_isRefusedWithAdvice() throws IOException {
        Path yaml = Files.writeString(temporary.resolve("other.yaml"), "frozen: [a]\n");

        assertThatThrownBy(() -> SpectrumFiles.selection(yaml, 50))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                            assertThat(e.remedy()).isPresent();
                        });
    }

    @Test
    void selection_matchesParameterNames() {
        SpectrumSelection selection =
                SpectrumSelection.of(Map.of("mlp.up_proj", List.of("model.layers.1.mlp.up_proj")));

        assertThat(selection.trainable().test("model.layers.1.mlp.up_proj.weight")).isTrue();
        assertThat(selection.trainable().test("model.layers.11.mlp.up_proj.weight")).isFalse();
        assertThat(selection.trainable().test("model.embed_tokens.weight")).isTrue();
        assertThat(selection.trainable().test("model.norm.weight")).isFalse();
    }

    @Test
    void selection_ofBrokenScores_ranksThemLast() {
        SpectrumScan scan =
                new SpectrumScan(
                        List.of(
                                new SpectrumScan.Score("a.0", "a", Double.NaN),
                                new SpectrumScan.Score("a.1", "a", 1),
                                new SpectrumScan.Score("a.2", "a", 1)));

        assertThat(scan.selection(67).byType().get("a")).containsExactly("a.1", "a.2");
    }
}
