package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tailor.core.Cancellation;
import dev.tailor.torch.Activations;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraVariant;
import dev.tailor.torch.Precision;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Plans of a model of 134.5 M values of which there is nothing but `config.json`.
class MemoryTest {
    private static final String CONFIG =
            """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 49152,
             "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
             "num_attention_heads": 9, "num_key_value_heads": 3, "head_dim": 64,
             "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "tie_word_embeddings": true,
             "hidden_act": "silu", "rope_theta": 10000.0}
            """;

    private static final Target HERE = new Target.Here(1L << 36, false);
    private static final LoraConfig LORA = LoraConfig.of(16, 32);

    @TempDir private Path temporary;
    private TrainRequest request;

    @BeforeEach
    void writeModel() throws IOException {
        Path base = Files.createDirectories(temporary.resolve("base"));
        Files.writeString(base.resolve("config.json"), CONFIG);
        TrainRequest other =
                new Stages(temporary).cpt("stage", Stages.LORA, Stages.settings(2, 2, 1e-3));
        request =
                new TrainRequest(
                        "stage",
                        base,
                        other.output(),
                        other.work(),
                        other.objective(),
                        Tuning.Full.all(),
                        TrainSettings.defaults(),
                        other.data(),
                        Optional.empty(),
                        other.seed());
    }

    private static Tuning tuning(String word) {
        return switch (word) {
            case "full" -> Tuning.Full.all();
            case "lora" -> Tuning.Lora.fresh(LORA);
            case "dora" -> Tuning.Lora.fresh(LORA.with(LoraVariant.weightDecomposed()));
            case "qlora" -> new Tuning.Qlora(Tuning.Lora.fresh(LORA), true);
            case "spectrum" -> new Tuning.Spectrum(50, Optional.empty(), List.of());
            default -> throw new IllegalArgumentException(word);
        };
    }

    private Memory memory(Tuning tuning, Precision precision, int batch, Activations kept) {
        TrainSettings settings = TrainSettings.defaults().withPasses(batch, 1, precision, kept);
        return TrainEstimate.of(request.with(tuning, settings), HERE, Cancellation.never())
                .memory();
    }

    /// Peaks measured at rows of 512 positions, in MB: the table in the design note on memory.
    @ParameterizedTest
    @CsvSource({
        "full, FLOAT32, 4, KEEP, 3932",
        "full, BFLOAT16, 4, KEEP, 2485",
        "lora, FLOAT32, 4, KEEP, 2886",
        "lora, BFLOAT16, 4, KEEP, 1697",
        "qlora, BFLOAT16, 4, KEEP, 1637"
    })
    void peak_isNearWhatWasMeasured(
            String tuning, Precision precision, int batch, Activations kept, long measured) {
        Memory memory = memory(tuning(tuning), precision, batch, kept);

        assertThat(memory.step() / 1e6).isCloseTo((double) measured, withinPercentage(15));
        assertThat(memory.parts().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(memory.step());
    }

    @Test
    void bfloat16_halvesWeightsAndMomentsAndKeepsLowerBits() {
        Memory whole = memory(Tuning.Full.all(), Precision.FLOAT32, 4, Activations.KEEP);
        Memory half = memory(Tuning.Full.all(), Precision.BFLOAT16, 4, Activations.KEEP);

        long values = 134_515_008;
        assertThat(whole.weights()).isEqualTo(4 * values);
        assertThat(whole.lowerBits()).isZero();
        assertThat(whole.optimizer()).isEqualTo(8 * values);
        assertThat(half.weights()).isEqualTo(2 * values);
        assertThat(half.lowerBits()).isEqualTo(2 * values);
        assertThat(half.optimizer()).isEqualTo(4 * values);
        assertThat(half.activations()).isEqualTo(whole.activations() / 2);
        assertThat(half.gradients()).as("the head's, in float32").isEqualTo(4L * 49152 * 576);
    }

    @Test
    void shortPass_isHighestWhereAllGradientsAreThere() {
        TrainSettings settings =
                TrainSettings.defaults()
                        .withPasses(1, 1, Precision.BFLOAT16, Activations.RECOMPUTE);
        Memory memory =
                TrainEstimate.of(
                                request.with(Tuning.Full.all(), settings),
                                HERE,
                                Cancellation.never())
                        .memory();

        long head = 49152L * 576;
        assertThat(memory.activations()).isZero();
        assertThat(memory.gradients()).isEqualTo(4 * head + 2 * (134_515_008 - head));
    }

    @Test
    void accumulation_keepsFloat32GradientsBesideActivations() {
        TrainSettings settings =
                TrainSettings.defaults().withPasses(4, 2, Precision.BFLOAT16, Activations.KEEP);
        Memory memory =
                TrainEstimate.of(
                                request.with(Tuning.Full.all(), settings),
                                HERE,
                                Cancellation.never())
                        .memory();

        assertThat(memory.gradients()).isEqualTo(4L * 134_515_008);
        assertThat(memory.activations()).isPositive();
    }

    @Test
    void card_tooSmall_isOfferedSettingsThatFit() {
        Device small = new Device("small", "a card of 3 GB", 3_000_000_000L, 1e14, 1e13, 1e12);
        TrainEstimate estimate =
                TrainEstimate.of(request, new Target.Card(small), Cancellation.never());

        assertThat(estimate.memory().step()).isGreaterThan(small.memoryBytes());
        assertThat(estimate.proposals()).isNotEmpty();
        assertThat(estimate.proposals())
                .allMatch(fit -> fit.memory().step() <= small.memoryBytes());
        assertThat(estimate.proposals().getFirst().settings()).isNotEmpty();
    }
}
