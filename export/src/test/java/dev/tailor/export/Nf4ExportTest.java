package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.Nf4Scales;
import dev.tailor.tensors.Nf4Tensor;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

class Nf4ExportTest {
    private static final String WEIGHT = "model.layers.0.mlp.up_proj.weight";

    @TempDir Path directory;

    @Test
    void export_matrixOfALayer_standsUnderTheKeysOfBitsandbytes() {
        Path model = Golden.directory("sewing");
        export(model);
        try (Arena arena = Arena.ofConfined();
                Checkpoint original = Checkpoint.open(model);
                Checkpoint written = Checkpoint.open(directory.resolve("nf4"))) {
            TensorInfo info = original.info(WEIGHT);
            Nf4Tensor expected =
                    Nf4Tensor.quantise(info.dtype(), original.data(WEIGHT), true, arena);
            Nf4Scales.Nested scales = (Nf4Scales.Nested) expected.scales();
            String state = WEIGHT + ".quant_state.bitsandbytes__nf4";
            JsonNode json =
                    JsonMapper.shared()
                            .readTree(
                                    new String(
                                            written.data(state).toArray(ValueLayout.JAVA_BYTE),
                                            StandardCharsets.UTF_8));

            assertThat(written.info(WEIGHT))
                    .isEqualTo(TensorInfo.of(WEIGHT, DType.U8, info.elements() / 2, 1));
            assertThat(written.data(WEIGHT).mismatch(expected.codes())).isEqualTo(-1);
            assertThat(written.data(WEIGHT + ".absmax").mismatch(scales.codes())).isEqualTo(-1);
            assertThat(written.data(WEIGHT + ".nested_absmax").mismatch(scales.absmax()))
                    .isEqualTo(-1);
            assertThat(written.data(WEIGHT + ".quant_map").toArray(Nf4Scales.FLOAT))
                    .isEqualTo(Nf4Tensor.codebook());
            assertThat(written.data(WEIGHT + ".nested_quant_map").toArray(Nf4Scales.FLOAT))
                    .isEqualTo(Nf4Scales.nestedCodebook());
            assertThat(json.path("quant_type").asString()).isEqualTo("nf4");
            assertThat(json.path("blocksize").asInt()).isEqualTo(64);
            assertThat(json.path("nested_blocksize").asInt()).isEqualTo(256);
            assertThat(json.path("dtype").asString()).isEqualTo(info.dtype().torchName());
            assertThat((float) json.path("nested_offset").asDouble()).isEqualTo(scales.offset());
            assertThat(json.path("shape").get(0).asLong()).isEqualTo(info.shape().getFirst());
        }
    }

    @Test
    void export_everythingElse_staysAsItIs() {
        Path model = Golden.directory("sewing");
        Nf4Export.Result result = export(model);
        try (ModelDirectory written = ModelDirectory.open(directory.resolve("nf4"));
                Checkpoint original = Checkpoint.open(model)) {
            for (String name :
                    original.names().stream().filter(n -> !n.contains("_proj.")).toList()) {
                assertThat(written.checkpoint().info(name)).isEqualTo(original.info(name));
                assertThat(written.checkpoint().data(name).mismatch(original.data(name)))
                        .as(name)
                        .isEqualTo(-1);
            }
            JsonNode quantisation = written.config().path("quantization_config");
            assertThat(quantisation.path("quant_method").asString()).isEqualTo("bitsandbytes");
            assertThat(quantisation.path("load_in_4bit").asBoolean()).isTrue();
            assertThat(quantisation.path("bnb_4bit_use_double_quant").asBoolean()).isTrue();
            assertThat(result.matrices())
                    .isEqualTo(
                            (int)
                                    original.names().stream()
                                            .filter(n -> n.contains("_proj."))
                                            .count());
        }
    }

    @Test
    void export_modelInNf4_isRefused() {
        export(Golden.directory("sewing"));

        assertThatThrownBy(() ->
                        Nf4Export.export(
                                directory.resolve("nf4"),
                                directory.resolve("again"),
                                Event.Listener.none(),
                                Cancellation.never()))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID))
                .hasMessageContaining("quantised already");
        assertThat(directory.resolve("again")).doesNotExist();
    }

    private Nf4Export.Result export(Path model) {
        return Nf4Export.export(
                model, directory.resolve("nf4"), Event.Listener.none(), Cancellation.never());
    }
}
