package dev.tailor.torch.internal.nn;

import java.util.Map;
import java.util.TreeMap;

/// How evenly the routers of one pass spread positions over experts: the auxiliary loss of Fedus et
/// al. 2021, equations 4 to 6, as transformers computes it over all layers together, `E · Σ fₑ Pₑ`
/// with fₑ the share of positions that go to expert e and Pₑ its mean probability.
final class RouterBalance {
    /// What one layer adds: positions that went to each expert, and sums of probabilities.
    record Load(int[] chosen, double[] probabilities, int positions) {}

    private final Map<String, Load> loads = new TreeMap<>();
    private double weight;

    /// Notes a layer's load; a layer that is computed again notes the same once more.
    synchronized void put(String router, Load load) {
        loads.put(router, load);
    }

    /// What the loss counts in the objective that goes back.
    void weight(double value) {
        weight = value;
    }

    /// The loss; 0 without experts.
    double loss() {
        double sum = 0;
        int experts = 0;
        for (Load load : loads.values()) {
            experts = load.chosen().length;
            for (int e = 0; e < experts; e++) {
                sum += share(e) * load.probabilities()[e];
            }
        }
        return experts == 0 ? 0 : experts * sum / positions();
    }

    /// The derivative of the weighed loss by the probabilities that any position gives to each
    /// expert. (The choice itself has none.)
    double[] derivatives(int experts) {
        double[] derivatives = new double[experts];
        for (int e = 0; weight != 0 && e < experts; e++) {
            derivatives[e] = weight * experts * share(e) / positions();
        }
        return derivatives;
    }

    private double share(int expert) {
        double chosen = loads.values().stream().mapToDouble(load -> load.chosen()[expert]).sum();
        return chosen / positions();
    }

    private double positions() {
        return loads.values().stream().mapToDouble(Load::positions).sum();
    }
}
