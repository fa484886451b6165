package dev.tailor.merge.internal.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The structure of a model, seen from the names of its tensors: layers, and what stands before and
/// after them. Every decoder on the Hub numbers its layers this way, so no table of architectures
/// is needed.
///
/// @param prefix what stands before a layer's number, such as `model.layers.`
/// @param layers the tensors of each layer, by the part of the name after the number
/// @param before tensors outside of layers that belong to the input side
/// @param after tensors outside of layers that belong to the output side: final norm and head
record LayerNames(
        String prefix,
        SortedMap<Integer, Map<String, String>> layers,
        List<String> before,
        List<String> after) {
    private static final Pattern LAYER =
            Pattern.compile("((?:.*?\\.)??(?:layers|h|blocks|block|layer)\\.)(\\d{1,5})\\.(.+)");

    private static final Pattern OUTPUT_SIDE =
            Pattern.compile(
                    "(?:.*\\.)?(?:norm|final_norm|final_layernorm|final_layer_norm|ln_f|norm_f"
                            + "|lm_head|embed_out|output|score|classifier)\\.(?:weight|bias)");

    private static final Pattern EMBEDDING =
            Pattern.compile(
                    "(?:.*\\.)?(?:embed_tokens|wte|word_embeddings|embed_in|lm_head|embed_out"
                            + "|output)\\.(?:weight|bias)");

    /// Frequencies of rotary embeddings are computed, not learnt; old checkpoints hold them.
    private static final Pattern COMPUTED = Pattern.compile(".*\\.rotary_emb\\.inv_freq");

    static LayerNames of(List<String> names) {
        SortedMap<Integer, Map<String, String>> layers = new TreeMap<>();
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        String prefix = "";
        for (String name : names) {
            if (COMPUTED.matcher(name).matches()) {
                continue;
            }
            Matcher matcher = LAYER.matcher(name);
            if (matcher.matches() && (prefix.isEmpty() || prefix.equals(matcher.group(1)))) {
                prefix = matcher.group(1);
                layers.computeIfAbsent(
                                Integer.parseInt(matcher.group(2)), key -> new LinkedHashMap<>())
                        .put(matcher.group(3), name);
            } else if (OUTPUT_SIDE.matcher(name).matches()) {
                after.add(name);
            } else {
                before.add(name);
            }
        }
        return new LayerNames(prefix, layers, before, after);
    }

    /// Whether a tensor has a row for each token.
    static boolean isEmbedding(String name) {
        return EMBEDDING.matcher(name).matches();
    }

    /// The number of layers: one more than the highest number.
    int count() {
        return layers.isEmpty() ? 0 : layers.lastKey() + 1;
    }

    /// Every tensor outside of layers that has a row for each token, the input embedding first.
    List<String> embeddings() {
        return Stream.concat(before.stream(), after.stream())
                .filter(LayerNames::isEmbedding)
                .toList();
    }

    /// The input embedding, which a head that is missing is tied to.
    Optional<String> inputEmbedding() {
        return before.stream().filter(LayerNames::isEmbedding).findFirst();
    }
}
