package dev.tailor.merge.internal.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The modules of a model, seen from the names of its tensors. Every family numbers its layers;
/// each list of layers is a module with all that its names begin with, so no table of architectures
/// is needed.
///
/// @param modules in the order of the names
/// @param main the number of the one that makes text
public record ModelStructure(List<LayerNames> modules, int main) {
    private static final Pattern TEXT =
            Pattern.compile(".*(?:language_model|text|llm|decoder|thinker).*");

    private static final Pattern NOT_TEXT =
            Pattern.compile(".*(?:vis|image|audio|speech|tower|encoder|mtp|talker).*");

    /// What stands between the towers of a model; in some families within one of them.
    private static final Pattern PROJECTOR =
            Pattern.compile(
                    "(?:.*\\.)?(?:multi_modal_projector|mm_projector|merger|connector|aligner"
                            + "|projector)\\.");

    /// Sees the structure in the tensors' names.
    public static ModelStructure of(Collection<String> tensors) {
        List<String> names =
                tensors.stream().filter(name -> !TensorNames.isComputed(name)).toList();
        LayerLists lists = LayerLists.of(names);
        List<String> roots = roots(lists.prefixes());
        Map<String, List<String>> loose = new LinkedHashMap<>();
        roots.forEach(root -> loose.put(root, new ArrayList<>()));
        String common = commonRoot(roots);
        List<String> ownerless = new ArrayList<>();
        for (String name : lists.outside()) {
            String root = roots.size() < 2 ? "" : rootOf(name, roots, common);
            if (root.isEmpty()) {
                ownerless.add(name);
            } else {
                loose.computeIfAbsent(root, key -> new ArrayList<>()).add(name);
            }
        }
        int main = mainOf(roots, lists);
        List<LayerNames> modules = new ArrayList<>();
        List<String> keys = loose.isEmpty() ? List.of("") : List.copyOf(loose.keySet());
        for (int i = 0; i < keys.size(); i++) {
            List<String> outside = new ArrayList<>(loose.getOrDefault(keys.get(i), List.of()));
            if (i == main) {
                outside.addAll(ownerless);
            }
            String prefix = i < roots.size() ? lists.prefixes().get(i) : "";
            modules.add(
                    new LayerNames(
                            keys.get(i),
                            prefix,
                            lists.layers(prefix),
                            outside.stream()
                                    .filter(name -> !TensorNames.isOutputSide(name))
                                    .toList(),
                            outside.stream().filter(TensorNames::isOutputSide).toList()));
        }
        return new ModelStructure(List.copyOf(modules), main);
    }

    /// For each list of layers the shortest beginning of its names that no other list has. A single
    /// list owns the whole model.
    private static List<String> roots(List<String> prefixes) {
        if (prefixes.size() == 1) {
            return List.of("");
        }
        List<String> roots = new ArrayList<>();
        for (String prefix : prefixes) {
            int end = prefix.indexOf('.') + 1;
            while (end < prefix.length()
                    && isOfAnother(prefix.substring(0, end), prefix, prefixes)) {
                end = prefix.indexOf('.', end) + 1;
            }
            roots.add(prefix.substring(0, end));
        }
        return roots;
    }

    private static boolean isOfAnother(String root, String prefix, List<String> prefixes) {
        return prefixes.stream().anyMatch(other -> !other.equals(prefix) && other.startsWith(root));
    }

    private static String commonRoot(List<String> roots) {
        String common = roots.isEmpty() ? "" : roots.getFirst();
        for (String root : roots) {
            while (!root.startsWith(common)) {
                common = common.substring(0, common.lastIndexOf('.', common.length() - 2) + 1);
            }
        }
        return common;
    }

    /// The module that a tensor outside of layers belongs to; empty: to the main one.
    private static String rootOf(String name, List<String> roots, String common) {
        for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
            String beginning = name.substring(0, dot + 1);
            if (PROJECTOR.matcher(beginning).matches()) {
                return beginning;
            }
        }
        Optional<String> owner =
                roots.stream()
                        .filter(name::startsWith)
                        .max(Comparator.comparingInt(String::length));
        if (owner.isPresent()) {
            return owner.get();
        }
        int dot = name.indexOf('.', name.startsWith(common) ? common.length() : 0);
        boolean shared = name.startsWith("shared.");
        boolean ofText = TensorNames.isEmbedding(name) || TensorNames.isOutputSide(name) || dot < 0;
        return ofText && !shared ? "" : name.substring(0, dot + 1);
    }

    private static int mainOf(List<String> roots, LayerLists lists) {
        Comparator<Integer> order =
                Comparator.<Integer>comparingInt(i -> textness(roots.get(i)))
                        .thenComparingInt(i -> lists.layers(lists.prefixes().get(i)).size())
                        .thenComparing(Comparator.reverseOrder());
        return Stream.iterate(0, i -> i < roots.size(), i -> i + 1).max(order).orElse(0);
    }

    private static int textness(String root) {
        if (TEXT.matcher(root).matches()) {
            return 2;
        }
        return NOT_TEXT.matcher(root).matches() ? 0 : 1;
    }

    /// The module that makes text: where `slices` without modules are meant.
    LayerNames mainModule() {
        return modules.get(main);
    }

    /// The module that stands where `module` stands in another model.
    ///
    /// @param isMain whether `module` is that model's main one
    LayerNames counterpart(LayerNames module, boolean isMain) {
        if (isMain) {
            return mainModule();
        }
        return others().filter(each -> each.root().equals(module.root()))
                .findFirst()
                .or(() ->
                        others().filter(each -> lastComponent(each).equals(lastComponent(module)))
                                .findFirst())
                .orElse(LayerNames.ABSENT);
    }

    private Stream<LayerNames> others() {
        return modules.stream().filter(each -> each != mainModule());
    }

    static String lastComponent(LayerNames module) {
        return module.name().substring(module.name().lastIndexOf('.') + 1);
    }

    /// Every tensor outside of layers that has a row for each token, the input embedding first.
    List<String> embeddings() {
        List<LayerNames> ordered = new ArrayList<>();
        modules.stream().filter(LayerNames::isSharedEmbedding).forEach(ordered::add);
        ordered.add(mainModule());
        others().filter(each -> !each.isSharedEmbedding()).forEach(ordered::add);
        return ordered.stream()
                .flatMap(module -> module.outside().stream())
                .filter(TensorNames::isEmbedding)
                .toList();
    }

    /// The input embedding, which a head that is missing is tied to.
    public Optional<String> inputEmbedding() {
        return embeddings().stream()
                .filter(name -> name.endsWith(".weight") && !TensorNames.isOutputSide(name))
                .findFirst();
    }
}
