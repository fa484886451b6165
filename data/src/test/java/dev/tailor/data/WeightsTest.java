package dev.tailor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.LossWeights;
import dev.tailor.text.LossWeights.Part;
import dev.tailor.text.Message;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/// How much messages and parts of them count, in the ways data sets write it.
class WeightsTest {
    @TempDir Path directory;

    private DataSet open(String fields, String content) throws IOException {
        String row =
                "{\"messages\": [{\"role\": \"user\", \"content\": \"q\"}, {\"role\":"
                        + " \"assistant\", \"content\": %s%s}]}\n";
        Path file =
                Files.writeString(
                        directory.resolve("rows.jsonl"),
                        row.formatted("\"fine\"", "")
                                + row.formatted(content, fields.isEmpty() ? "" : ", " + fields));
        return DataSet.open(DataSource.of(file));
    }

    private Message answer(String fields, String content) throws IOException {
        Sample.Chat chat = (Sample.Chat) open(fields, content).toList().getLast();
        return chat.messages().getLast();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"weight\": 0 | 0",
                "\"weight\": 1 | 1",
                "\"weight\": 0.25 | 0.25",
                "\"train\": true | 1",
                "\"train\": false | 0",
                "\"loss\": false | 0",
                "\"mask\": true | 0",
                "\"masked\": false | 1",
                "\"mask\": 1 | 0",
                "\"weight\": 1, \"train\": true | 1",
            })
    void spellings_ofAMessagesWeight_areRead(String fields, double weight) throws IOException {
        Message answer = answer(fields, "\"yes\"");

        assertThat(answer.weights()).isEqualTo(LossWeights.of(weight));
        assertThat(answer.fields()).containsOnlyKeys("role", "content");
    }

    @Test
    void nullWeight_saysNothing() throws IOException {
        assertThat(answer("\"weight\": null", "\"yes\"").weights()).isEqualTo(LossWeights.NONE);
    }

    @Test
    void spans_countCodePoints() throws IOException {
        Message answer =
                answer(
                        "\"spans\": [{\"start\": 3, \"end\": 6, \"train\": false},"
                                + " {\"start\": 0, \"end\": 1, \"weight\": 2}]",
                        "\"🙂, yes\"");

        // The face is one code point and two UTF-16 units.
        assertThat(answer.weights())
                .isEqualTo(
                        new LossWeights(
                                OptionalDouble.empty(),
                                List.of(new Part(0, 2, 2), new Part(4, 7, 0))));
    }

    @Test
    void parts_ofAContent_keepTheirWeights() throws IOException {
        Message answer =
                answer(
                        "\"weight\": 0.5",
                        "[{\"type\": \"text\", \"text\": \"think \", \"weight\": 0},"
                                + " {\"type\": \"text\", \"text\": \"yes\"},"
                                + " {\"type\": \"text\", \"text\": \"!\", \"weight\": null}]");

        assertThat(answer.content()).isEqualTo("think yes!");
        assertThat(answer.weights())
                .isEqualTo(new LossWeights(OptionalDouble.of(0.5), List.of(new Part(0, 6, 0))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"weight\": -1 | 'weight' is -1 | 0 is not learnt",
                "\"weight\": 1e300 | 'weight' is 1.0E300 | to 1000000",
                "\"weight\": 1e-9 | 'weight' is 1.0E-9 | 0 is not learnt",
                "\"weight\": \"NaN\" | 'weight' is NaN | number",
                "\"weight\": true | 'weight' is true | number",
                "\"train\": 0.5 | 'train' of a message is 0.5 | goes into 'weight'",
                "\"mask\": \"user\" | 'mask' of a message is user | true or false",
                "\"weight\": 1, \"train\": false | 'train' and 'weight' of a message contradict"
                        + " each other | keep one",
                "\"spans\": {} | 'spans' of a message is not a list | write [{",
                "\"spans\": [3] | a span is not an object | write {",
                "\"spans\": [{\"start\": 2, \"end\": 1, \"weight\": 0}] | a span ends at 1, before"
                        + " its start at 2 | after the last character",
                "\"spans\": [{\"start\": 0, \"end\": 4, \"weight\": 0}] | 'end' of a span is 4, but"
                        + " the content has 3 characters | not bytes",
                "\"spans\": [{\"start\": -1, \"end\": 1, \"weight\": 0}] | 'start' of a span is -1"
                        + " | from 0",
                "\"spans\": [{\"end\": 1, \"weight\": 0}] | 'start' of a span is null | from 0",
                "\"spans\": [{\"start\": 0, \"end\": 1}] | a span has no weight | add 'weight'",
                "\"spans\": [{\"start\": 0, \"end\": 1, \"weight\": -2}] | 'weight' is -2 |"
                        + " number",
                "\"spans\": [{\"start\": 0, \"end\": 2, \"weight\": 0}, {\"start\": 1, \"end\": 3,"
                        + " \"weight\": 0}] | two spans of a message overlap, at character 1 | one"
                        + " weight",
            })
    void wrongWeights_areRefusedWithFileRowAndRemedy(String fields, String problem, String remedy)
            throws IOException {
        DataSet data = open(fields, "\"yes\"");

        assertThatThrownBy(data::toList)
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID);
                            assertThat(e.getMessage()).isEqualTo(problem);
                            assertThat(e.where().orElseThrow()).endsWith("rows.jsonl:2");
                            assertThat(e.remedy().orElseThrow()).contains(remedy);
                        });
    }

    @Test
    void wrongWeight_isOneErrorOfTheCheck() throws IOException {
        open("\"weight\": -1", "\"yes\"");

        DataCheck check = DataCheck.of(DataSource.of(directory.resolve("rows.jsonl")));

        assertThat(check.hasErrors()).isTrue();
        assertThat(check.issues().getFirst().where()).endsWith("rows.jsonl:2");
    }

    @Test
    void write_weights_readBackEqual() throws IOException {
        DataSet data =
                open(
                        "\"weight\": 0.5, \"spans\": [{\"start\": 1, \"end\": 3, \"weight\": 0}]",
                        "\"🙂🙂🙂\"");
        Path out = directory.resolve("out.jsonl");
        SampleWriter.write(data, out);

        Sample.Chat back = (Sample.Chat) DataSet.open(DataSource.of(out)).toList().getLast();

        assertThat(back.messages()).isEqualTo(((Sample.Chat) data.toList().getLast()).messages());
        assertThat(back.messages().getLast().weights().parts()).containsExactly(new Part(2, 6, 0));
    }
}
