package dev.tailor.workflow.recipe;

import dev.tailor.train.preference.MarginLoss;
import dev.tailor.train.preference.PolicyLoss;
import dev.tailor.train.preference.PreferenceLoss;
import dev.tailor.train.preference.RankLoss;
import dev.tailor.train.preference.RewardLoss;
import dev.tailor.workflow.internal.keys.Values;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// What recipes call the losses of pairs, and which of a dpo stage's settings each one reads.
enum LossWord {
    SIGMOID("sigmoid", "label-smoothing"),
    HINGE("hinge"),
    IPO("ipo"),
    ROBUST("robust", "label-smoothing"),
    EXO_PAIR("exo-pair", "label-smoothing"),
    DISCOPOP("discopop", "tau"),
    SIGMOID_NORM("sigmoid-norm"),
    NCA_PAIR("nca-pair"),
    BCO_PAIR("bco-pair"),
    SPPO_HARD("sppo-hard"),
    APO_ZERO("apo-zero"),
    APO_DOWN("apo-down"),
    AOT("aot", "label-smoothing"),
    ORPO("orpo"),
    CPO("cpo", "label-smoothing", "nll-weight"),
    SIMPO("simpo", "gamma", "label-smoothing", "nll-weight"),
    SFT("sft");

    private final String word;
    private final Set<String> settings;

    LossWord(String word, String... settings) {
        this.word = word;
        this.settings = Set.of(settings);
    }

    /// All words.
    static List<String> words() {
        return Arrays.stream(values()).map(loss -> loss.word).toList();
    }

    /// The loss a word of the table stands for.
    static LossWord of(String word) {
        return Arrays.stream(values())
                .filter(loss -> loss.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("not in the table: " + word));
    }

    /// The words of the losses that read a setting.
    static List<String> reading(String setting) {
        return Arrays.stream(values())
                .filter(loss -> loss.settings.contains(setting))
                .map(loss -> loss.word)
                .toList();
    }

    /// The loss with its settings.
    PreferenceLoss loss(Values values) {
        return switch (this) {
            case SIGMOID -> new MarginLoss.Sigmoid(values.real("label-smoothing"));
            case HINGE -> new MarginLoss.Hinge();
            case IPO -> new MarginLoss.Ipo();
            case ROBUST -> new MarginLoss.Robust(values.real("label-smoothing"));
            case EXO_PAIR -> new MarginLoss.ExoPair(values.real("label-smoothing"));
            case DISCOPOP -> new MarginLoss.DiscoPop(values.real("tau"));
            case SIGMOID_NORM -> new MarginLoss.SigmoidNorm();
            case NCA_PAIR -> new RewardLoss.NcaPair();
            case BCO_PAIR -> new RewardLoss.BcoPair();
            case SPPO_HARD -> new RewardLoss.SppoHard();
            case APO_ZERO -> new RewardLoss.ApoZero();
            case APO_DOWN -> new RewardLoss.ApoDown();
            case AOT -> new RankLoss.Aot(values.real("label-smoothing"));
            case ORPO -> new PolicyLoss.Orpo();
            case CPO ->
                    new PolicyLoss.Cpo(values.real("label-smoothing"), values.real("nll-weight"));
            case SIMPO ->
                    new PolicyLoss.SimPo(
                            values.real("gamma"),
                            values.real("label-smoothing"),
                            values.real("nll-weight"));
            case SFT -> new PolicyLoss.Sft();
        };
    }
}
