package dev.tailor.merge.internal.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One module of a model, seen from the names of its tensors: its numbered layers, and what stands
/// before and after them. A module may have no layers, such as the projector between a vision tower
/// and a text decoder.
///
/// @param root what all its tensors' names begin with, such as `vision_tower.`; empty where the
///   model has no other module
/// @param prefix what stands before a layer's number, such as `model.layers.`; empty without layers
/// @param layers the tensors of each layer, by the part of the name after the number
/// @param before tensors outside of layers that belong to the input side
/// @param after tensors outside of layers that belong to the output side: final norm and head
public record LayerNames(
        String root,
        String prefix,
        SortedMap<Integer, Map<String, String>> layers,
        List<String> before,
        List<String> after) {
    /// The module of a model that does not have it.
    static final LayerNames ABSENT = new LayerNames("", "", new TreeMap<>(), List.of(), List.of());

    /// The number of layers: one more than the highest number.
    int count() {
        return layers.isEmpty() ? 0 : layers.lastKey() + 1;
    }

    /// Every tensor outside of layers that has a row for each token, the input embedding first.
    List<String> embeddings() {
        return outside().stream().filter(TensorNames::isEmbedding).toList();
    }

    /// Whether there is nothing in it.
    boolean isEmpty() {
        return layers.isEmpty() && before.isEmpty() && after.isEmpty();
    }

    /// The tensors outside of layers.
    List<String> outside() {
        return Stream.concat(before.stream(), after.stream()).toList();
    }

    /// Every tensor.
    List<String> all() {
        return Stream.of(
                        before.stream(),
                        layers.values().stream().flatMap(layer -> layer.values().stream()),
                        after.stream())
                .flatMap(names -> names)
                .toList();
    }

    /// Whether it holds nothing but an embedding that other modules share.
    boolean isSharedEmbedding() {
        return layers.isEmpty() && !isEmpty() && all().stream().allMatch(TensorNames::isEmbedding);
    }

    /// What users call it: `vision_tower`, `model.encoder`, or `default` for a whole model.
    public String name() {
        return root.isEmpty() ? "default" : root.substring(0, root.length() - 1);
    }

    /// The tensor outside of layers that `other` would call `name`: the same name, or the name with
    /// the other model's own first components exchanged (`model.norm.weight` is
    /// `language_model.model.norm.weight` in a model whose layers are called so).
    Optional<String> outsideTensor(String name, LayerNames other) {
        List<String> names = outside();
        if (names.contains(name)) {
            return Optional.of(name);
        }
        String translated = translated(name, other.prefix, prefix);
        return names.contains(translated) ? Optional.of(translated) : Optional.empty();
    }

    /// A tensor's name as a model with the layers `to` would have it, where `from` are the layers
    /// of the model it is from.
    static String translated(String name, String from, String to) {
        if (from.equals(to) || from.isEmpty() || to.isEmpty()) {
            return name;
        }
        int common = 0;
        int a = from.length() - 1;
        int b = to.length() - 1;
        for (int i = 0; ; i++) {
            boolean endOfA = a - i < 0;
            boolean endOfB = b - i < 0;
            if ((endOfA || from.charAt(a - i) == '.') && (endOfB || to.charAt(b - i) == '.')) {
                common = i;
            }
            if (endOfA || endOfB || from.charAt(a - i) != to.charAt(b - i)) {
                break;
            }
        }
        String before = from.substring(0, from.length() - common);
        return name.startsWith(before)
                ? to.substring(0, to.length() - common) + name.substring(before.length())
                : name;
    }
}
