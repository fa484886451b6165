package dev.tailor.merge.internal.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The numbered layers in a model's tensor names.
///
/// @param lists by what stands before the number: each layer's tensors by the part after it
/// @param outside the tensors of no layer
record LayerLists(
        Map<String, SortedMap<Integer, Map<String, String>>> lists, List<String> outside) {
    /// What families call their list of layers. Experts and sub-layers, which are numbered too,
    /// come after the layer's number.
    private static final Pattern LAYER =
            Pattern.compile("((?:.*?\\.)??(?:layers|h|blocks|block|layer)\\.)(\\d{1,5})\\.(.+)");

    private static final Pattern NUMBERED = Pattern.compile("(.*?\\.)(\\d{1,5})\\.(.+)");

    static LayerLists of(List<String> names) {
        LayerLists found = new LayerLists(new LinkedHashMap<>(), new ArrayList<>());
        List<String> rest = new ArrayList<>();
        for (String name : names) {
            if (!found.add(name, LAYER)) {
                rest.add(name);
            }
        }
        LayerLists others = new LayerLists(new LinkedHashMap<>(), new ArrayList<>());
        rest.forEach(name -> others.add(name, NUMBERED));
        others.lists.entrySet().removeIf(list -> !found.takes(list.getKey(), list.getValue()));
        for (String name : rest) {
            Matcher matcher = NUMBERED.matcher(name);
            if (matcher.matches() && others.lists.containsKey(matcher.group(1))) {
                found.add(name, NUMBERED);
            } else {
                found.outside.add(name);
            }
        }
        return found;
    }

    private boolean add(String name, Pattern pattern) {
        Matcher matcher = pattern.matcher(name);
        if (!matcher.matches()) {
            return false;
        }
        lists.computeIfAbsent(matcher.group(1), key -> new TreeMap<>())
                .computeIfAbsent(Integer.parseInt(matcher.group(2)), key -> new LinkedHashMap<>())
                .put(matcher.group(3), name);
        return true;
    }

    /// Whether a list of another name is one of layers: several of them, numbered from 0 on, each
    /// with parts of its own, and some parts in all of them; and not beside a list that is known to
    /// be one.
    private boolean takes(String prefix, SortedMap<Integer, Map<String, String>> list) {
        String parent = prefix.substring(0, prefix.lastIndexOf('.', prefix.length() - 2) + 1);
        boolean besideLayers = lists.keySet().stream().anyMatch(known -> known.startsWith(parent));
        Set<String> first = list.firstEntry().getValue().keySet();
        return !besideLayers
                && list.size() > 1
                && list.firstKey() == 0
                && list.lastKey() == list.size() - 1
                && first.stream().anyMatch(part -> part.contains("."))
                && list.values().stream()
                        .allMatch(layer -> layer.keySet().stream().anyMatch(first::contains));
    }

    /// What stands before the layers' numbers, in the order of the tensors.
    List<String> prefixes() {
        return List.copyOf(lists.keySet());
    }

    /// The layers of one list.
    SortedMap<Integer, Map<String, String>> layers(String prefix) {
        return lists.getOrDefault(prefix, new TreeMap<>());
    }
}
