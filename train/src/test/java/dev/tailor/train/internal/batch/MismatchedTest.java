package dev.tailor.train.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class MismatchedTest {
    @TempDir private Path directory;

    /// A sequence of a prompt and an answer, which is learnt.
    private static Sequence row(int[] prompt, int... answer) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + answer.length);
        boolean[] trained = new boolean[tokens.length];
        System.arraycopy(answer, 0, tokens, prompt.length, answer.length);
        Arrays.fill(trained, prompt.length, tokens.length, true);
        return new Sequence(tokens, trained);
    }

    private TokenFile tokens(List<Sequence> rows) {
        Path file = directory.resolve("tokens.bin");
        TokenFile.write(
                file,
                sink -> {
                    rows.forEach(sink::add);
                    return "";
                });
        return TokenFile.open(file).orElseThrow();
    }

    @Test
    void partner_isTheAnswerToThePromptBefore() {
        int[] a = {1, 2};
        int[] b = {3};
        int[] c = {4, 5};
        try (TokenFile tokens =
                tokens(List.of(row(a, 10), row(a, 11), row(b, 12, 13), row(c, 14), row(a, 15)))) {
            Mismatched mismatched = Mismatched.of(tokens, 8);

            // rows 0 and 4 share a prompt, as 0 and 1 do
            assertThat(mismatched.partners()).containsExactly(3, 3, 1, 2, 3);
        }
    }

    @Test
    void batch_joinsPromptsWithForeignAnswers() {
        try (TokenFile tokens =
                tokens(List.of(row(new int[] {1, 2}, 10, 11, 12), row(new int[] {3}, 20)))) {
            MicroBatch batch = Mismatched.of(tokens, 3).batch(new int[] {1, 0});

            // 3 | 10 11 12 fits three positions exactly; 1 2 | 20
            assertThat(batch.batch().tokens()).containsExactly(3, 10, 11, 1, 2);
            assertThat(batch.batch().targets()).containsExactly(10, 11, 12, -1, 20);
            assertThat(batch.sequences()).containsExactly(1, 0);
        }
    }

    @Test
    void batch_ofTooLongTwins_losesTheEnd() {
        try (TokenFile tokens =
                tokens(List.of(row(new int[] {1, 2, 3}, 10), row(new int[] {4}, 20, 21, 22)))) {
            MicroBatch batch = Mismatched.of(tokens, 3).batch(new int[] {0});

            assertThat(batch.batch().targets()).containsExactly(-1, -1, 20);
        }
    }

    @Test
    void onePrompt_isRefused() {
        int[] only = {1, 2};
        try (TokenFile tokens = tokens(List.of(row(only, 10), row(only, 11)))) {
            assertThatThrownBy(() -> Mismatched.of(tokens, 8))
                    .isInstanceOfSatisfying(
                            TailorException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID));
        }
    }
}
