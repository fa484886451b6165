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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class RecipeErrorsTest {
    @TempDir Path directory;

    /// Each row changes one piece of the contract's example: what is replaced, by what (`^` marks
    /// where the error must point to), what it must say, and what it must advise.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    seed: 42           | ^sede: 42           | unknown key 'sede' in the recipe | did you mean 'seed'?
                    epochs: 2          | ^epoch: 2           | unknown key 'epoch' in a cpt stage | did you mean 'epochs'?
                    rank: 16           | ^ranks: 16          | unknown key 'ranks' in 'lora' | did you mean 'rank'?
                    top: 50            | top: ^150           | 'top' must be above 0 and at most 100, not '150' |
                    epochs: 2          | epochs: ^two        | 'epochs' must be a number, not 'two' |
                    epochs: 3          | epochs: ^0          | 'epochs' must be above 0, not '0' |
                    rank: 8            | rank: ^1.5          | 'rank' must be a whole number, not '1.5' |
                    spectrum: {top: 50} | ^spectra: {top: 50} | 'tune' cannot be 'spectra' | did you mean 'spectrum'?
                    from: domain2      | from: ^domian2      | there is no stage 'domian2' | did you mean 'domain2'?
                    from: domain2      | from: ^aligned      | the stage 'aligned' comes later | a stage can only use what stages before it made
                    id: aligned        | id: ^domain         | the id 'domain' is taken | by the stage at
                    data: questions    | data: ^question     | there is no data set 'question' | did you mean 'questions'?
                    data: choices      | data: ^questions    | 'questions' is chat data, preference data is needed here | its kind is declared at
                    beta: 0.1          | loss: ^sinpo        | 'loss' cannot be 'sinpo' | did you mean 'simpo'?
                    beta: 0.1          | loss: {sigmoid: 1, ^stf: 1} | 'loss' cannot be 'stf' | did you mean 'sft'?
                    beta: 0.1          | loss: {sigmoid: 1, sft: ^0} | the weight of 'sft' must be above 0, not '0' |
                    beta: 0.1          | gamma: ^0.3         | 'gamma' has no effect with the loss sigmoid | it belongs to simpo
                    beta: 0.1          | loss: hinge, label-smoothing: ^0.1 | 'label-smoothing' has no effect with the loss hinge | it belongs to sigmoid, robust
                    beta: 0.1          | loss: nca-pair, divergence: ^js | 'divergence' has no effect with the loss nca-pair | leave it out, or choose a loss of the margin
                    beta: 0.1          | loss: {sigmoid: 1, sft: 1}, ld-alpha: ^0.5 | 'ld-alpha' has no effect with the loss sigmoid, sft | leave it out, or choose losses that have a reference
                    beta: 0.1          | loss: orpo, reference-free: ^true | 'reference-free' has no effect with the loss orpo | leave it out: no reference is asked anyway
                    beta: 0.1          | loss: exo-pair, label-smoothing: ^0 | with the loss exo-pair, 'label-smoothing' must be above 0 | leave it out for 0.001
                    - sft:             | - ^stf:             | there is no stage 'stf' | did you mean 'sft'?
                    perplexity:manuals | ^perplexty:manuals  | there is no task 'perplexty' | did you mean 'perplexity'?
                    [holdout,          | [^holdot,           | there is no data set 'holdot' | did you mean 'holdout'?
                    on: aligned        | on: ^aligner        | no board before this gate measures 'aligner' | did you mean 'aligned'?
                    ">= base + 0.2"    | ^"=> base"          | not a requirement: '=> base': one of >=, <=, >, < is expected at character 1 | write for example
                    ">= base + 0.2"    | ">= ^bass + 0.2"    | no board before this gate measures 'bass' | did you mean 'base'?
                    ">= base + 0.2"    | ">= base + ^x"      | not a requirement: '>= base + x': a number or a model is expected at character 11 | write for example
                    ">= base + 0.2"    | ">= 0.1 and ^base"  | not a requirement: '>= 0.1 and base': one of >=, <=, >, < is expected at character 12 | write for example
                    ">= base + 0.2"    | "> 0.1 ^surely"     | not a requirement: '> 0.1 surely': 'and' or the end is expected at character 7 | write for example
                    ">= base + 0.2"    | ">= ^release"       | no board before this gate measures 'release' | known
                    ">= base + 0.2"}}  | ">= base"}, release: ^none} | there is no evaluation.json in 'none' | name a folder
                    holdout.exact_match: ">= | holdot.exact_match: ^">= | no board before this gate has a task 'holdot' | write task.metric; did you mean 'holdout'?
                    tailor: 1          | tailor: ^2          | 'tailor' must be 1, not 2 |
                    kind: text         | kind: ^txt          | 'kind' cannot be 'txt' | did you mean 'text'?
                    export: {from: aligned | export: {from: ^board | the stage 'board' makes no model (eval) |
                    method: ties, base: base | file: none.yml, base: ^base | 'base' cannot stand beside 'file' |
                    """)
    void read_mistake_isFoundAtItsPlace(String was, String is, String message, String remedy)
            throws IOException {
        assertThat(Recipes.CONTRACT).contains(was);
        String marked =
                Recipes.CONTRACT.replaceFirst(Pattern.quote(was), Matcher.quoteReplacement(is));
        String before = marked.substring(0, marked.indexOf('^'));
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.length() - before.lastIndexOf('\n');
        Path file = directory.resolve("recipe.yaml");
        Files.writeString(file, marked.replace("^", ""));

        TailorException error =
                catchThrowableOfType(TailorException.class, () -> Recipe.read(file));

        assertThat(error.getMessage()).isEqualTo(message);
        assertThat(error.where()).contains(file + ":" + line + ":" + column);
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error.remedy().orElse("")).startsWith(remedy == null ? "" : remedy);
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
                .isEqualTo("--set stages.domain.epochs: 'epochs' must be a number, not 'many'");
    }

    private TailorException failure(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("recipe.yaml"), text);
        return catchThrowableOfType(TailorException.class, () -> Recipe.read(file));
    }
}
