package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation.Thinning;
import dev.tailor.merge.internal.kernel.RandomBits;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Drops elements of the models' differences to the origin: by magnitude, at random, or both.
///
/// @param work the tensor in the tiles that the rules work on
/// @param rules by model; empty: nothing is dropped
record Thinner(Work work, List<Optional<Rule>> rules) {
    /// Which elements of a tile of a difference are dropped.
    @FunctionalInterface
    interface Rule {
        /// Sets the dropped elements to 0.
        void apply(int tile, float[] d, int n);
    }

    /// Finds out what the rules must know of the whole tensor.
    static Thinner prepare(Work wholeTensor, List<Thinning> thinning) {
        boolean byRow = thinning.stream().anyMatch(Thinning.RankedRandom.class::isInstance);
        Work work = byRow ? wholeTensor.ofWholeRows() : wholeTensor;
        List<Cut> cuts = RankSearch.find(work, Series.differences(work), queries(work, thinning));
        int next = 0;
        List<Optional<Rule>> rules = new ArrayList<>();
        for (int k = 0; k < thinning.size(); k++) {
            RandomBits random =
                    RandomBits.of(work.seed(), work.tiles().tensor().output().name(), k);
            switch (thinning.get(k)) {
                case Thinning.Nothing nothing -> rules.add(Optional.empty());
                case Thinning.Magnitude(double density) -> {
                    Cut largest = cuts.get(next++);
                    rules.add(
                            some(
                                    density < 1,
                                    (tile, d, n) -> largest.keep(tile, d, n, work.kernels())));
                }
                case Thinning.Outliers outliers -> {
                    Cut kept = cuts.get(next++);
                    Cut outlying = cuts.get(next++);
                    // In this order: the first leaves those of several equal elements that the
                    // second counts.
                    rules.add(
                            some(
                                    outliers.density() < 1,
                                    (tile, d, n) -> {
                                        kept.keep(tile, d, n, work.kernels());
                                        outlying.drop(tile, d, n, work.kernels());
                                    }));
                }
                case Thinning.Random(double density) ->
                        rules.add(some(density < 1, random(work, random, density)));
                case Thinning.RankedRandom ranked ->
                        rules.add(
                                some(ranked.density() < 1, new RankedChance(work, random, ranked)));
            }
        }
        return new Thinner(work, rules);
    }

    private static Optional<Rule> some(boolean drops, Rule rule) {
        return drops ? Optional.of(rule) : Optional.empty();
    }

    private static Rule random(Work work, RandomBits random, double density) {
        long chance = RandomBits.chance(density);
        TensorTiles tiles = work.tiles();
        return (tile, d, n) -> work.kernels().keepRandomly(d, random, tiles.first(tile), chance, n);
    }

    /// How many of the largest elements to look for, in the order of the rules that need it.
    private static List<RankSearch.Query> queries(Work work, List<Thinning> thinning) {
        long all = work.tiles().elements();
        List<RankSearch.Query> queries = new ArrayList<>();
        for (int k = 0; k < thinning.size(); k++) {
            if (thinning.get(k) instanceof Thinning.Magnitude(double density)) {
                queries.add(
                        new RankSearch.Query(k, (long) (density * all), Cut.Order.FIRST_IS_LARGER));
            } else if (thinning.get(k) instanceof Thinning.Outliers(double density, double gamma)) {
                long kept = (long) (density * all);
                long outlying = Math.min((long) (gamma * all), all - kept);
                queries.add(new RankSearch.Query(k, outlying + kept, Cut.Order.LAST_IS_LARGER));
                queries.add(new RankSearch.Query(k, outlying, Cut.Order.LAST_IS_LARGER));
            }
        }
        return queries;
    }

    /// Whether anything of a model's difference is dropped.
    boolean thins(int model) {
        return rules.get(model).isPresent();
    }

    /// Whether anything is dropped at all.
    boolean thinsAny() {
        return rules.stream().anyMatch(Optional::isPresent);
    }

    /// Sets the dropped elements of a tile of a model's difference to 0.
    void thin(int model, int tile, float[] d, int n) {
        rules.get(model).ifPresent(rule -> rule.apply(tile, d, n));
    }
}
