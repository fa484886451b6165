package dev.tailor.train.internal.spectrum;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A module's name taken apart: `model.layers.3.mlp.up_proj` is of type `mlp.up_proj` in layer 3;
/// outside the layers (-1) the type is the whole name.
public record ModuleName(String module, int layer, String type) {
    private static final String WEIGHT = ".weight";

    private static final Pattern IN_LAYER = Pattern.compile("\\.layers\\.(\\d{1,6})\\.(.+)$");

    /// The module of a tensor whose name ends with `.weight`.
    public static ModuleName ofWeight(String tensor) {
        String module = tensor.substring(0, tensor.length() - WEIGHT.length());
        Matcher matcher = IN_LAYER.matcher(module);
        return matcher.find()
                ? new ModuleName(module, Integer.parseInt(matcher.group(1)), matcher.group(2))
                : new ModuleName(module, -1, module);
    }

    /// The number of the layer that a tensor of a model or an adapter belongs to, -1 outside.
    public static int layerOf(String tensor) {
        Matcher matcher = IN_LAYER.matcher(tensor);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /// The tensor that holds the module's weights.
    public String weight() {
        return module + WEIGHT;
    }
}
