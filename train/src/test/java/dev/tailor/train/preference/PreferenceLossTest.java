package dev.tailor.train.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.train.internal.Golden;
import dev.tailor.train.preference.Pair.Answer;
import dev.tailor.train.preference.PreferenceLoss.Mixture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

class PreferenceLossTest {
    private static Mixture mixture(
            double a, PreferenceLoss first, double b, PreferenceLoss second) {
        return new Mixture(List.of(new Mixture.Part(first, a), new Mixture.Part(second, b)));
    }

    static Stream<Arguments> recorded() {
        PreferenceLoss dpo = new MarginLoss.Sigmoid(0);
        return Stream.of(
                Arguments.of("sigmoid", dpo, 0.1),
                Arguments.of("sigmoid_beta0.5", dpo, 0.5),
                Arguments.of("cdpo_ls0.1_formula", new MarginLoss.Sigmoid(0.1), 0.1),
                Arguments.of("hinge", new MarginLoss.Hinge(), 0.1),
                Arguments.of("ipo", new MarginLoss.Ipo(), 0.1),
                Arguments.of("robust_ls0.1", new MarginLoss.Robust(0.1), 0.1),
                Arguments.of("exo_pair_ls1e-3", new MarginLoss.ExoPair(1e-3), 0.1),
                Arguments.of("discopop", new MarginLoss.DiscoPop(0.05), 0.1),
                Arguments.of("sigmoid_norm", new MarginLoss.SigmoidNorm(), 0.1),
                Arguments.of("nca_pair", new RewardLoss.NcaPair(), 0.1),
                Arguments.of("bco_pair", new RewardLoss.BcoPair(), 0.1),
                Arguments.of("sppo_hard", new RewardLoss.SppoHard(), 0.1),
                Arguments.of("apo_zero", new RewardLoss.ApoZero(), 0.1),
                Arguments.of("apo_down", new RewardLoss.ApoDown(), 0.1),
                Arguments.of("aot", new RankLoss.Aot(0), 0.1),
                Arguments.of("sft", new PolicyLoss.Sft(), 0.1),
                Arguments.of("rpo_sigmoid+sft", mixture(1, dpo, 1, new PolicyLoss.Sft()), 0.1));
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void loss_onGoldenBatch_isTheRecordedOne(String name, PreferenceLoss loss, double beta)
            throws IOException {
        double expected = results().get("dpo_beta0.1").get(name).asDouble();

        double actual = GoldenPairs.meanLoss(loss, beta, GoldenPairs.read());

        // float32 of the record: 6e-8 of its size at best
        assertThat(actual).isCloseTo(expected, within(1e-5));
    }

    @Test
    void referenceFreeLoss_onGoldenBatch_isTheRecordedOne() throws IOException {
        double expected = results().get("dpo_beta0.1").get("reference_free_formula").asDouble();

        double actual =
                GoldenPairs.meanLoss(
                        new MarginLoss.Sigmoid(0),
                        0.1,
                        GoldenPairs.read(new Divergence.ReverseKl(), false));

        assertThat(actual).isCloseTo(expected, within(1e-5));
    }

    static Stream<Arguments> recordedWithoutReference() {
        return Stream.of(
                Arguments.of("cpo_sigmoid", new PolicyLoss.Cpo(0, 1), 0.1),
                Arguments.of("simpo", new PolicyLoss.SimPo(1, 0, 0), 2.0),
                Arguments.of("cpo_simpo", new PolicyLoss.SimPo(1, 0, 1), 2.0));
    }

    @ParameterizedTest
    @MethodSource("recordedWithoutReference")
    void policyLoss_onGoldenBatch_isTheRecordedOne(String name, PreferenceLoss loss, double beta)
            throws IOException {
        double expected = results().get("orpo_cpo").get(name).get("loss").asDouble();

        assertThat(GoldenPairs.meanLoss(loss, beta, GoldenPairs.read()))
                .isCloseTo(expected, within(1e-5));
    }

    @Test
    void orpoOddsTerm_onGoldenBatch_isTheRecordedOne() throws IOException {
        JsonNode expected = results().get("orpo_cpo").get("orpo_beta0.1");
        // texts so long that their likelihood vanishes: what is left is the odds ratio
        Scale scale = new Scale(0.1, 1, 1e12);

        double mean =
                new PolicyLoss.Orpo()
                        .terms(GoldenPairs.read(), scale).stream()
                                .mapToDouble(PairTerm::loss)
                                .average()
                                .orElseThrow();

        assertThat(mean / -0.1).isCloseTo(expected.get("log_odds_ratio").asDouble(), within(1e-5));
    }

    static Stream<PreferenceLoss> everyLoss() {
        return Stream.of(
                new MarginLoss.Sigmoid(0),
                new MarginLoss.Sigmoid(0.2),
                new MarginLoss.Hinge(),
                new MarginLoss.Ipo(),
                new MarginLoss.Robust(0.2),
                new MarginLoss.ExoPair(0.05),
                new MarginLoss.DiscoPop(0.05),
                new MarginLoss.DiscoPop(0.7),
                new MarginLoss.SigmoidNorm(),
                new RewardLoss.NcaPair(),
                new RewardLoss.BcoPair(),
                new RewardLoss.SppoHard(),
                new RewardLoss.ApoZero(),
                new RewardLoss.ApoDown(),
                new RankLoss.Aot(0.1),
                new PolicyLoss.Sft(),
                new PolicyLoss.Orpo(),
                new PolicyLoss.Cpo(0.1, 0.5),
                new PolicyLoss.SimPo(0.4, 0.1, 0.3),
                mixture(0.8, new MarginLoss.Ipo(), 0.3, new RewardLoss.ApoDown()));
    }

    @ParameterizedTest
    @MethodSource("everyLoss")
    void slopes_areThoseOfTheLoss(PreferenceLoss loss) {
        assertSlopes(loss, 0.3, GoldenPairs.read());
    }

    static Stream<Divergence> everyDivergence() {
        return Stream.of(
                new Divergence.ReverseKl(),
                new Divergence.ForwardKl(),
                new Divergence.JensenShannon(),
                new Divergence.Alpha(0.5),
                new Divergence.Alpha(-0.3),
                new Divergence.Alpha(1));
    }

    /// Recorded from torch in float64 on the golden log-probabilities, `beta` 0.1.
    static Stream<Arguments> recordedDivergences() {
        return Stream.of(
                Arguments.of(new Divergence.ForwardKl(), 0.7086076160098743),
                Arguments.of(new Divergence.JensenShannon(), 0.6958720019350867),
                Arguments.of(new Divergence.Alpha(0.5), 0.7027392267123963));
    }

    @ParameterizedTest
    @MethodSource("recordedDivergences")
    void sigmoid_underADivergence_isTheRecordedOne(Divergence divergence, double expected) {
        List<Pair> pairs = GoldenPairs.read(divergence, true);

        assertThat(GoldenPairs.meanLoss(new MarginLoss.Sigmoid(0), 0.1, pairs))
                .isCloseTo(expected, within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("everyDivergence")
    void slopes_underADivergence_areThoseOfTheLoss(Divergence divergence) {
        for (PreferenceLoss loss : List.of(new MarginLoss.Sigmoid(0.1), new MarginLoss.Ipo())) {
            assertSlopes(loss, 0.3, GoldenPairs.read(divergence, true));
        }
    }

    /// Central differences in every answer's log-probability, and in the prompts'.
    private static void assertSlopes(PreferenceLoss loss, double beta, List<Pair> pairs) {
        Scale scale = GoldenPairs.scale(beta);
        List<PairTerm> terms = loss.terms(pairs, scale);
        for (int i = 0; i < pairs.size(); i++) {
            PairTerm term = terms.get(i);
            assertThat(term.chosenSlope())
                    .as("chosen answer of pair " + i)
                    .isCloseTo(slope(loss, scale, pairs, i, 1, 0, 0), within(1e-7));
            assertThat(term.rejectedSlope())
                    .as("rejected answer of pair " + i)
                    .isCloseTo(slope(loss, scale, pairs, i, 0, 1, 0), within(1e-7));
            assertThat(term.promptSlope())
                    .as("prompt of pair " + i)
                    .isCloseTo(slope(loss, scale, pairs, i, 0, 0, 1), within(1e-7));
        }
    }

    private static double slope(
            PreferenceLoss loss,
            Scale scale,
            List<Pair> pairs,
            int moved,
            double chosen,
            double rejected,
            double prompt) {
        double step = 1e-5;
        double up = sum(loss, scale, moved(pairs, moved, step, chosen, rejected, prompt));
        double down = sum(loss, scale, moved(pairs, moved, -step, chosen, rejected, prompt));
        return (up - down) / (2 * step);
    }

    private static double sum(PreferenceLoss loss, Scale scale, List<Pair> pairs) {
        return loss.terms(pairs, scale).stream().mapToDouble(PairTerm::loss).sum();
    }

    private static List<Pair> moved(
            List<Pair> pairs, int which, double by, double chosen, double rejected, double prompt) {
        List<Pair> moved = new ArrayList<>(pairs);
        Pair pair = pairs.get(which);
        moved.set(
                which,
                new Pair(
                        moved(pair.chosen(), by * chosen),
                        moved(pair.rejected(), by * rejected),
                        pair.prompt() + by * prompt));
        return moved;
    }

    private static Answer moved(Answer answer, double by) {
        return new Answer(
                answer.policy() + by, answer.reference(), answer.tokens(), answer.divergence());
    }

    @ParameterizedTest
    @MethodSource("everyLoss")
    void loss_farFromTheReference_staysFinite(PreferenceLoss loss) {
        for (Divergence divergence : everyDivergence().toList()) {
            Answer up = new Answer(-1e-9, -1e4, 3, divergence);
            Answer down = new Answer(-1e4, -1e-9, 3, divergence);
            for (Pair pair : List.of(new Pair(up, down), new Pair(down, up))) {
                PairTerm term = loss.term(pair, new Scale(0.1, 3, 7));

                assertThat(term.loss()).isFinite();
                assertThat(term.chosenSlope()).isFinite();
                assertThat(term.rejectedSlope()).isFinite();
            }
        }
    }

    @Test
    void sigmoid_farFromTheReference_hasItsAsymptotes() {
        PreferenceLoss loss = new MarginLoss.Sigmoid(0);
        Scale scale = new Scale(0.1, 3, 3);
        Pair lost = new Pair(new Answer(-1e6, 0, 3), new Answer(0, -1e6, 3));
        Pair won = new Pair(new Answer(0, -1e6, 3), new Answer(-1e6, 0, 3));

        assertThat(loss.term(lost, scale).loss()).isCloseTo(2e5, within(1e-6));
        assertThat(loss.term(lost, scale).chosenSlope()).isEqualTo(-0.1);
        assertThat(loss.term(won, scale).loss()).isZero();
        assertThat(loss.term(won, scale).chosenSlope()).isZero();
    }

    @Test
    void alphaDivergence_joinsItsNeighbours() {
        for (double u : new double[] {-3, -0.2, 0, 1.7}) {
            assertThat(new Divergence.Alpha(0).score(u))
                    .isCloseTo(new Divergence.ForwardKl().score(u), within(1e-12));
            assertThat(new Divergence.Alpha(1 + 1e-5).score(u)).isCloseTo(u, within(1e-4));
        }
    }

    /// Margins of the policy 1, 5, 3 and of the reference 2, 0, 4: by rank 1-0, 5-4, 3-2.
    @Test
    void aot_joinsMarginsOfEqualRank() {
        List<Pair> pairs = List.of(pair(1, 2), pair(5, 0), pair(3, 4));
        Scale scale = new Scale(0.5, 1, 1);

        List<PairTerm> terms = new RankLoss.Aot(0).terms(pairs, scale);

        PairTerm expected = new MarginLoss.Sigmoid(0).term(pair(1, 0), scale);
        assertThat(terms).containsExactly(expected, expected, expected);
    }

    private static Pair pair(double policyMargin, double referenceMargin) {
        return new Pair(new Answer(policyMargin, referenceMargin, 1), new Answer(0, 0, 1));
    }

    @Test
    void mixture_asksForWhatItsPartsNeed() {
        Mixture likelihoods = mixture(1, new PolicyLoss.Orpo(), 1, new PolicyLoss.Sft());
        Mixture tied = mixture(1, new RankLoss.Aot(0), 1, new PolicyLoss.Sft());

        assertThat(likelihoods.usesReference()).isFalse();
        assertThat(likelihoods.readsPrompt()).isTrue();
        assertThat(likelihoods.comparesPairs()).isFalse();
        assertThat(tied.usesReference()).isTrue();
        assertThat(tied.readsPrompt()).isFalse();
        assertThat(tied.comparesPairs()).isTrue();
    }

    @Test
    void impossibleShares_areRefused() {
        assertThatThrownBy(() -> new MarginLoss.Sigmoid(0.5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MarginLoss.ExoPair(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Mixture(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static JsonNode results() throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(Files.readAllBytes(Golden.file("results.json")));
    }
}
