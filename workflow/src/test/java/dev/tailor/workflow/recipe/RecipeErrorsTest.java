package dev.tailor.workflow.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class RecipeErrorsTest {
    @TempDir Path directory;

    /// Each row changes one piece of the contract's example: what is replaced, by what, where the
    /// error must point to, and what it must say.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    seed: 42           | sede: 42            | 3:1    | unknown key 'sede' in the recipe | did you mean 'seed'?
                    epochs: 2          | epoch: 2            | 11:104 | unknown key 'epoch' in a cpt stage | did you mean 'epochs'?
                    rank: 16           | ranks: 16           | 14:70  | unknown key 'ranks' in 'lora' | did you mean 'rank'?
                    top: 50            | top: 150            | 11:75  | 'top' must be above 0 and at most 100, not '150' |
                    epochs: 2          | epochs: two         | 11:112 | 'epochs' must be a number, not 'two' |
                    epochs: 3          | epochs: 0           | 14:83  | 'epochs' must be above 0, not '0' |
                    rank: 8            | rank: 1.5           | 15:87  | 'rank' must be a whole number, not '1.5' |
                    spectrum: {top: 50} | spectra: {top: 50} | 11:60  | 'tune' cannot be 'spectra' | did you mean 'spectrum'?
                    from: domain2      | from: domian2       | 14:35  | there is no stage 'domian2' | did you mean 'domain2'?
                    from: domain2      | from: aligned       | 14:35  | the stage 'aligned' comes later | a stage can only use what stages before it made
                    id: aligned        | id: domain          | 15:17  | the id 'domain' is taken | by the stage at
                    data: questions    | data: question      | 14:51  | there is no data set 'question' | did you mean 'questions'?
                    data: choices      | data: questions     | 15:51  | 'questions' is chat data, preference data is needed here | its kind is declared at
                    - sft:             | - stf:              | 14:5   | there is no stage 'stf' | did you mean 'sft'?
                    perplexity:manuals | perplexty:manuals   | 16:77  | there is no task 'perplexty' | did you mean 'perplexity'?
                    [holdout,          | [holdot,            | 16:68  | there is no data set 'holdot' | did you mean 'holdout'?
                    on: aligned        | on: aligner         | 17:17  | no board before this gate measures 'aligner' | did you mean 'aligned'?
                    >= base + 0.2      | => base             | 17:57  | not a requirement: '=> base' | write for example
                    >= base + 0.2      | >= bass + 0.2       | 17:57  | no board before this gate measures 'bass' | did you mean 'base'?
                    holdout.exact      | holdot.exact        | 17:56  | no board before this gate has a task 'holdot' | did you mean 'holdout'?
                    tailor: 1          | tailor: 2           | 1:9    | 'tailor' must be from 1 to 1, not 2 |
                    kind: text         | kind: txt           | 6:63   | 'kind' cannot be 'txt' | did you mean 'text'?
                    export: {from: aligned | export: {from: board | 18:20 | the stage 'board' makes no model (eval) |
                    method: ties       | file: none.yml      | 12:33  | 'base' cannot stand beside 'file' |
                    """)
    void read_mistake_isFoundAtItsPlace(
            String was, String is, String place, String message, String remedy)
            throws IOException {
        assertThat(Recipes.CONTRACT).contains(was);
        Path file =
                Files.writeString(
                        directory.resolve("recipe.yaml"), Recipes.CONTRACT.replaceFirst(java.util.regex.Pattern.quote(was), is));

        TailorException error = catchThrowableOfType(TailorException.class, () -> Recipe.read(file));

        assertThat(error.getMessage()).isEqualTo(message);
        assertThat(error.where()).contains(file + ":" + place);
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        if (remedy != null) {
            assertThat(error.remedy().orElse("")).startsWith(remedy);
        }
    }

    @Test
    void read_missingKey_isFoundAtTheStage() throws IOException {
        TailorException error =
                failure(
                        """
                        base: ./b
                        stages:
                          - sft: {from: base}
                        """);

        assertThat(error.render()).contains("recipe.yaml:3:10: an sft stage needs 'data'");
    }

    @Test
    void read_baseNotNamed_saysHowToNameIt() throws IOException {
        TailorException error = failure("stages: [{export: {from: base}}]");

        assertThat(error.render())
                .contains("recipe.yaml:1:26: the recipe names no 'base' model")
                .contains("add 'base: ");
    }

    @Test
    void read_initWithoutTokenizer_saysWhatIsMissing() throws IOException {
        TailorException error = failure("stages: [{init: {id: fresh}}]");

        assertThat(error.getMessage()).isEqualTo("an init stage needs a tokenizer");
    }

    @Test
    void read_noFile_isNotFound() {
        TailorException error =
                catchThrowableOfType(
                        TailorException.class, () -> Recipe.read(directory.resolve("none.yaml")));

        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
    }

    @Test
    void override_ofAnUnknownStage_isAUsageError() throws IOException {
        Path file = Files.writeString(directory.resolve("recipe.yaml"), Recipes.CONTRACT);

        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> Recipe.read(file, List.of("stages.domian.epochs=1")));

        assertThat(error.code()).isEqualTo(ErrorCode.USAGE);
        assertThat(error.render())
                .startsWith("--set stages.domian.epochs: there is no 'domian'")
                .contains("did you mean 'domain'?");
    }

    @Test
    void override_withABadValue_namesTheOverride() throws IOException {
        Path file = Files.writeString(directory.resolve("recipe.yaml"), Recipes.CONTRACT);

        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> Recipe.read(file, List.of("stages.domain.epochs=many")));

        assertThat(error.render())
                .isEqualTo(
                        "--set stages.domain.epochs: 'epochs' must be a number, not 'many'");
    }

    private TailorException failure(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("recipe.yaml"), text);
        return catchThrowableOfType(TailorException.class, () -> Recipe.read(file));
    }
}
