package dev.tailor.eval.internal.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Answers with the values that the metrics of LoRA Land give them.
class AnswerMeasureTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    accuracy          | Positive.                     | positive    | 1
                    accuracy          | 1                             | 1.0         | 1
                    accuracy          | Very positive                 | positive    | 0
                    accuracy          | ''                            | positive    | 0
                    binary_accuracy   | Yes, it does                  | 1           | 1
                    binary_accuracy   | the answer is False           | no          | 1
                    binary_accuracy   | 10                            | 0           | 0
                    binary_accuracy   | maybe                         | yes         | 0
                    binary_accuracy   | NEGATIVE                      | negative    | 1
                    digit_accuracy    | The label is 2.               | 2           | 1
                    digit_accuracy    | entailment                    | 0           | 0
                    digit_accuracy    | neutral.                      | Neutral     | 1
                    contains          | It is about Pay Bill          | pay bill    | 1
                    contains          | pay                           | pay bill    | 0
                    number_accuracy   | 3 + 4 = 7. So $1,200.         | #### 1200   | 1
                    number_accuracy   | It is -5                      | -5          | 1
                    number_accuracy   | none                          | 5           | 0
                    number_accuracy   | 7 is wrong, 8.50              | 8.5         | 1
                    similarity        | 3.0                           | 4.0         | 0.8
                    similarity        | I would say 2.5 of 5          | 2.5         | 1
                    similarity        | quite alike                   | 2.5         | 0
                    similarity        | about 17                      | 5           | 0
                    similarity        | 100                           | 5           | 0
                    spelled_rouge_l   | 42                            | Forty-two   | 1
                    spelled_rouge_l   | 1234                          | one thousand, two hundred and thirty-four | 1
                    spelled_rouge_l   | 1005                          | one thousand and five | 1
                    spelled_rouge_l   | eleven years                  | 11          | 0.666667
                    dbpedia_rouge_l   | 8                             | Village     | 1
                    dbpedia_rouge_l   | 77                            | Village     | 0
                    rouge_l           | the red cat sat               | the cat sat down | 0.75
                    """)
    void of_answer_isItsValue(String id, String answer, String reference, double value) {
        AnswerMeasure measure = AnswerMeasure.of(id).orElseThrow();
        assertThat(measure.of(answer, reference)).isCloseTo(value, within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({"'{''spans'': array([''86598''], dtype=object)}', 86598"})
    void spelled_printedSpans_areTheirText(String printed, String span) {
        assertThat(AnswerMeasure.SPELLED_ROUGE_L.of(span, printed)).isEqualTo(1);
    }
}
