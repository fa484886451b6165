package dev.tailor.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

class BpeTrainerTest {
    private static final Path SAMPLE = Path.of("src/test/resources/golden/bpe");

    @TempDir Path directory;

    @Test
    void train_sample_learnsTheRecordedMerges() throws IOException {
        for (WordSplit split : WordSplit.values()) {
            List<String> expected = Files.readAllLines(SAMPLE.resolve("merges-" + split + ".txt"));

            BpeVocabulary vocabulary = train(split, false);

            assertThat(vocabulary.merges().stream().map(m -> m.left() + " " + m.right()))
                    .as(split.name())
                    .containsExactlyElementsOf(expected);
        }
    }

    @Test
    void train_textsInAnotherOrder_isTheSame() throws IOException {
        List<String> lines = Files.readAllLines(SAMPLE.resolve("sample.txt"));
        BpeTrainer forward = new BpeTrainer(BpeSettings.chatMl(500));
        BpeTrainer backward = new BpeTrainer(BpeSettings.chatMl(500));
        lines.forEach(forward::add);
        lines.reversed().forEach(backward::add);

        assertThat(forward.train(Cancellation.never()).merges())
                .isEqualTo(backward.train(Cancellation.never()).merges());
    }

    @Test
    void save_anyBytes_roundTripThroughTheTokenizer() throws IOException {
        train(WordSplit.QWEN2, false).save(directory);
        StringBuilder all = new StringBuilder();
        for (int c = 0; c < 0x3000; c++) {
            all.append(Character.toString(c));
        }
        List<String> texts =
                List.of(
                        all.toString(),
                        "👩‍👩‍👧‍👦 🇩🇪 é e\u0301 \u0000 \r\n\t  ",
                        "3.14159 + 2 = 5.14159\n\n\n",
                        new String(new byte[] {(byte) 0xF0}, StandardCharsets.ISO_8859_1));

        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            for (String text : texts) {
                assertThat(tokenizer.decode(tokenizer.encode(text, false), false)).isEqualTo(text);
            }
            assertThat(tokenizer.vocabularySize()).isEqualTo(600);
            assertThat(tokenizer.bosToken()).contains("<|endoftext|>");
            assertThat(tokenizer.encode("<|im_end|>", false)).containsExactly(2);
            assertThat(tokenizer.encode("12", false)).hasSize(2);
        }
    }

    @Test
    void save_addBos_putsItInFront() throws IOException {
        train(WordSplit.LLAMA3, true).save(directory);

        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            assertThat(tokenizer.addsBos()).isTrue();
            assertThat(tokenizer.encode("a", true)).hasSize(2).startsWith(0);
            assertThat(tokenizer.encode("a", false)).hasSize(1);
        }
    }

    @Test
    void save_chatTemplate_isWrittenBeside() throws IOException {
        BpeTrainer trainer =
                new BpeTrainer(BpeSettings.chatMl(300).withChatTemplate("{{ messages }}"));
        trainer.add("some text, some more text");
        trainer.train(Cancellation.never()).save(directory);

        assertThat(directory.resolve("chat_template.jinja")).hasContent("{{ messages }}");
    }

    @Test
    void train_noText_isAnError() {
        BpeTrainer trainer = new BpeTrainer(BpeSettings.chatMl(300));

        assertThatThrownBy(() -> trainer.train(Cancellation.never()))
                .extracting(e -> ((TailorException) e).code())
                .isEqualTo(ErrorCode.DATA_INVALID);
    }

    @Test
    void settings_tooSmallVocabulary_isAnError() {
        assertThatThrownBy(() -> BpeSettings.chatMl(258)).hasMessageContaining("too small");
    }

    private static BpeVocabulary train(WordSplit split, boolean addBos) throws IOException {
        BpeTrainer trainer =
                new BpeTrainer(
                        new BpeSettings(
                                600,
                                List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
                                Optional.of("<|endoftext|>"),
                                Optional.of("<|im_end|>"),
                                Optional.of("<|endoftext|>"),
                                addBos,
                                split,
                                0,
                                Optional.empty()));
        trainer.add(Files.readString(SAMPLE.resolve("sample.txt")));
        return trainer.train(Cancellation.never());
    }
}
