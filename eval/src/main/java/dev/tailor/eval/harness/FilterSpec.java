package dev.tailor.eval.harness;

import java.util.List;
import java.util.Map;

/// A named pipeline that makes answers ready to be graded.
public record FilterSpec(String name, List<Step> steps) {
    /// One filter with its arguments.
    public record Step(String function, Map<String, Object> arguments) {
        /// An argument that is text.
        public String text(String name, String otherwise) {
            return arguments.get(name) instanceof String text ? text : otherwise;
        }

        /// An argument that is a whole number.
        public int integer(String name, int otherwise) {
            return arguments.get(name) instanceof Long number ? Math.toIntExact(number) : otherwise;
        }

        /// An argument that is true or false.
        public boolean truth(String name) {
            return "true".equalsIgnoreCase(String.valueOf(arguments.get(name)));
        }

        /// An argument that is a list of texts.
        public List<String> texts(String name) {
            return arguments.get(name) instanceof List<?> list
                    ? list.stream().map(String::valueOf).toList()
                    : List.of();
        }
    }

    /// What tasks without filters have.
    public static FilterSpec none() {
        return new FilterSpec("none", List.of(new Step("take_first", Map.of())));
    }
}
