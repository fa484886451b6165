package dev.tailor.data.internal.read;

import java.nio.file.Path;
import java.util.regex.Pattern;

/// A file pattern as shells know it: `**/` is any number of directories, none included (Java's own
/// matcher wants at least one), `*` and `?` stay within a name, `{a,b}` and `[a-z]` choose.
record Glob(String root, Pattern pattern) {
    static Glob of(String glob) {
        String slashed = glob.replace('\\', '/');
        int wild = 0;
        while ("*?{[".indexOf(slashed.charAt(wild)) < 0) {
            wild++;
        }
        int cut = slashed.lastIndexOf('/', wild) + 1;
        return new Glob(slashed.substring(0, cut), Pattern.compile(regex(slashed.substring(cut))));
    }

    boolean matches(Path relative) {
        return pattern.matcher(relative.toString().replace('\\', '/')).matches();
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (glob.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (glob.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (c == '*') {
                regex.append("[^/]*");
            } else if (c == '?') {
                regex.append("[^/]");
            } else if (c == '{') {
                regex.append("(?:");
                depth++;
            } else if (c == '}' && depth > 0) {
                regex.append(')');
                depth--;
            } else if (c == ',' && depth > 0) {
                regex.append('|');
            } else if (c == '[' && glob.indexOf(']', i) > i) {
                int end = glob.indexOf(']', i);
                regex.append('[').append(glob.substring(i + 1, end).replace("!", "^")).append(']');
                i = end;
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.append(")".repeat(depth)).toString();
    }
}
